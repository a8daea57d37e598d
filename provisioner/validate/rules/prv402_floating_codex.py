"""PRV402."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.knowledge.codex import newest_codex
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["floating_codex"]


@rule("PRV402", "floating-codex", Severity.WARNING)
def floating_codex(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A Codex whose next version is taken unseen.

    What it does:
        Reports calls of the Codex module with `codex_version = "latest"` or `""`, and as a note
        those without `codex_version`, unless `install_codex` is false.

    Why:
        The module installs the newest Codex at every start of a workspace. Codex has changed what
        it reads, sends and refuses in most versions: a workspace that worked yesterday can stop
        today, and two workspaces of one template differ.

    Use instead:
        `codex_version = "0.169.0"`, and a new template version for a newer one.
    """
    for call in workspace.codex_modules:
        installs = call.block.value("install_codex")
        if installs and str(workspace.evaluator.value(installs).known).lower() != "true":
            continue
        argument = call.block.attributes.get("codex_version")
        value = workspace.evaluator.value(argument.expression if argument else None)
        advice = f'write codex_version = "{newest_codex()}"'
        if argument is None:
            yield this.finding(
                call.block.path,
                call.block.header_span,
                "without codex_version every start of a workspace installs the newest Codex",
                help=advice,
                severity=Severity.NOTE,
            )
        elif value.text in ("", "latest"):
            yield this.finding(
                argument.path,
                argument.expression.span,
                "every start of a workspace installs the newest Codex",
                help=advice,
                confidence=value.confidence,
            )
