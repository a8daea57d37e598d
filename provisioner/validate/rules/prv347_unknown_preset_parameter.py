"""PRV347."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.validate.coder_blocks import coder_blocks
from provisioner.validate.coder_preset import preset_values
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_preset_parameter"]


@rule("PRV347", "unknown-preset-parameter", Severity.WARNING)
def unknown_preset_parameter(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A preset that sets a parameter which the template does not have.

    What it does:
        Compares the names in `parameters` of each `coder_workspace_preset` with the names of the
        parameters of the template and of its local modules. A module that is elsewhere, other than
        Codex's, can bring parameters along: then only a name is reported that looks like a
        parameter of the template which the preset does not set, with less confidence.

    Why:
        Coder only warns in the log of the push: the preset then sets less than it says.

    Use instead:
        The `name` of the parameter, which is not its label in Terraform and not its display name.
    """
    names = _names(workspace)
    if names is None or not workspace.is_whole:
        return
    codex = {id(call) for call in workspace.codex_modules}
    others = [call for call in workspace.module_calls if id(call) not in codex]
    is_sure = not any(_is_elsewhere(call, workspace) for call in others)
    values = list(preset_values(workspace))
    for value in values:
        if value.name in names:
            continue
        there = {other.name for other in values if other.preset is value.preset}
        near = did_you_mean(value.name, names if is_sure else names - there)
        if near or is_sure:
            listed = f"the parameters are {', '.join(sorted(names))}" if names else "remove it"
            yield this.finding(
                value.item.path,
                value.item.key.span,
                f'the template has no parameter "{value.name}"',
                help=near or listed,
                confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
            )


def _is_elsewhere(call: ModuleCall, workspace: Workspace) -> bool:
    """Say whether what a module declares is not known."""
    module = workspace.local_modules.get(call.source or "")
    return module is None or not module.is_whole or bool(module.module_calls)


def _names(workspace: Workspace) -> frozenset[str] | None:
    """Return the names of the parameters in the folder and its local modules, if all are known."""
    modules = [workspace.local_modules.get(call.source or "") for call in workspace.module_calls]
    found = set[str]()
    for folder in (workspace, *(module for module in modules if module is not None)):
        for item in coder_blocks(folder, "coder_parameter"):
            name = folder.evaluator.text(item.block.value("name"))
            if name is None:
                return None
            found.add(name)
    return frozenset(found)
