"""PRV371."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import Attribute
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ignored_module_input"]


@rule("PRV371", "ignored-module-input", Severity.WARNING)
def ignored_module_input(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An input of the Codex module that another one makes void.

    What it does:
        Reports `model_reasoning_effort` beside `base_config_toml`, and `codex_version` beside
        `install_codex = false`, in releases from 4.3.1 on.

    Why:
        The module writes a `base_config_toml` as it is and adds the effort to its own default
        only; it installs nothing with `install_codex = false`. Neither is an error, and Codex runs
        with another effort or version than the template says.

    Use instead:
        `model_reasoning_effort = "…"` inside `base_config_toml`, above the first table; one of
        `codex_version` and `install_codex = false`.
    """
    for call in workspace.codex_modules:
        inputs = {item.name: attribute for item, attribute in call.given_inputs}
        for name, reason, advice in _ignored(call, inputs, workspace):
            yield this.finding(
                call.block.path,
                inputs[name].name_span,
                f'"{name}" does nothing: {reason}',
                help=advice,
            )


def _ignored(
    call: ModuleCall, inputs: dict[str, Attribute], workspace: Workspace
) -> Iterator[tuple[str, str, str]]:
    def known(name: str) -> object:
        return workspace.evaluator.value(inputs[name].expression).known

    if "model_reasoning_effort" in inputs and known("model_reasoning_effort") not in (None, ""):
        document = call.toml.get("base_config_toml")
        if document and document.located.text:
            yield (
                "model_reasoning_effort",
                'the module adds it to its own default only, not to "base_config_toml"',
                'write it into "base_config_toml", above the first table',
            )
    names = {"codex_version", "install_codex"}
    if names <= inputs.keys() and str(known("install_codex")).lower() == "false":
        yield (
            "codex_version",
            '"install_codex" is false, so the module installs nothing',
            "remove one of the two",
        )
