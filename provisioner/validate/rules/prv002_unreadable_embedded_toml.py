"""PRV002."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unreadable_embedded_toml"]


@rule("PRV002", "unreadable-embedded-toml", Severity.ERROR, can_be_ignored=False)
def unreadable_embedded_toml(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Text given to the Codex module that is not TOML.

    What it does:
        Reads the values of `base_config_toml` and `mcp` (`additional_mcp_servers` before release 5)
        as Codex would, and reports the place in the Terraform file where the TOML breaks. A value
        that has an interpolation outside a TOML string is left alone. A comment cannot suppress
        this rule.

    Why:
        Terraform passes any text on, so the workspace is built; then Codex refuses to start with
        `Error loading config.toml`.

    Use instead:
        Valid TOML: strings in quotes, each key once, bare keys before the first table.
    """
    for call in workspace.codex_modules:
        for name, document in call.toml.items():
            if problem := document.problem:
                message = f'the TOML in "{name}" cannot be read by Codex: {problem.message}'
                yield this.finding(document.path, problem.span, message, help=problem.help)
