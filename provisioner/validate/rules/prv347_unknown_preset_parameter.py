"""PRV347."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.coder_blocks import CoderBlock, coder_blocks
from provisioner.validate.coder_preset import preset_values
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_preset_parameter"]


@rule("PRV347", "unknown-preset-parameter", Severity.WARNING)
def unknown_preset_parameter(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A preset that sets a parameter which the template does not have.

    What it does:
        Compares the names in `parameters` of each `coder_workspace_preset` with the names of the
        template's parameters. A template that calls other modules than Codex's is left alone,
        because a module can bring parameters along.

    Why:
        Coder only warns in the log of the push: the preset then sets less than it says.

    Use instead:
        The `name` of the parameter, which is not its label in Terraform and not its display name.
    """
    names = [workspace.evaluator.text(item.block.value("name")) for item in _declared(workspace)]
    has_other_modules = len(workspace.codex_modules) < len(workspace.module_calls)
    if has_other_modules or not workspace.is_whole or None in names:
        return
    known = [name for name in names if name is not None]
    for value in preset_values(workspace):
        if value.name not in known:
            listed = f"the parameters are {', '.join(sorted(known))}" if known else "remove it"
            yield this.finding(
                value.item.path,
                value.item.key.span,
                f'the template has no parameter "{value.name}"',
                help=did_you_mean(value.name, known) or listed,
            )


def _declared(workspace: Workspace) -> list[CoderBlock]:
    return list(coder_blocks(workspace, "coder_parameter"))
