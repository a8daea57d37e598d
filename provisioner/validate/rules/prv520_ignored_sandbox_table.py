"""PRV520."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["ignored_sandbox_table"]

_MODE = "workspace-write"


@rule("PRV520", "ignored-sandbox-table", Severity.NOTE)
def ignored_sandbox_table(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """Settings of a sandbox that is not the selected one.

    What it does:
        Reports `[sandbox_workspace_write]` with settings in it where `sandbox_mode` selects another
        mode than `workspace-write`.

    Why:
        Codex reads the table in that mode only: unless it is started with `-s workspace-write`, the
        roots that are to be writable and the network access are what the other mode makes them.

    Use instead:
        `sandbox_mode = "workspace-write"`, or no such table.
    """
    for config in workspace.codex_configs:
        mode, table = config.text("sandbox_mode"), config.find("sandbox_workspace_write")
        if mode is None or mode.has_hole or mode.value == _MODE or not config.is_known:
            continue
        if table and table.value and mode.value in {"read-only", "danger-full-access"}:
            yield this.finding(
                table.file,
                table.key_span,
                f'this does nothing with sandbox_mode = "{mode.value}"',
                help=f'write sandbox_mode = "{_MODE}", or remove the table',
            )
