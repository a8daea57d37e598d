"""PRV515."""

from __future__ import annotations

import math
from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.syntax.toml_document import TomlDocument
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["mistaken_time_unit"]

_LEAST_MS = {
    "stream_idle_timeout_ms": 1000,
    "websocket_connect_timeout_ms": 100,
    "startup_timeout_ms": 100,
}
_SECONDS = ("startup_timeout_sec", "tool_timeout_sec")
_MANY_SECONDS = 10_000


@rule("PRV515", "mistaken-time-unit", Severity.WARNING)
def mistaken_time_unit(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A time in seconds where Codex counts milliseconds, or the other way round.

    What it does:
        Reports `stream_idle_timeout_ms` below 1000, `websocket_connect_timeout_ms` and
        `startup_timeout_ms` below 100, and round thousands from 10,000 on in
        `startup_timeout_sec` and `tool_timeout_sec`.

    Why:
        An idle timeout of 300 milliseconds ends every answer that takes a moment to think, and
        Codex asks again; 60,000 seconds for an MCP server are most of a day.

    Use instead:
        `stream_idle_timeout_ms = 300000`, `tool_timeout_sec = 60`.
    """
    for document, _ in workspace.codex_documents:
        for path, value in _times(document):
            setting = path[-1]
            if setting in _LEAST_MS and 0 <= value < _LEAST_MS[setting]:
                wrong, right = f"{value} milliseconds", f"{value * 1000 or 300_000}"
            elif setting in _SECONDS and value >= _MANY_SECONDS and value % 1000 == 0:
                wrong, right = f"{value} seconds", f"{value // 1000}"
            else:
                continue
            yield this.finding(
                document.path,
                document.value_span(*path),
                f'"{setting}" is {wrong}, as if it counted in another unit',
                help=f"write {setting} = {right}",
                confidence=Confidence.MEDIUM,
            )


def _times(document: TomlDocument) -> Iterator[tuple[tuple[str, str, str], int]]:
    for parent in ("model_providers", "mcp_servers"):
        tables = document.get(parent)
        for name, table in tables.items() if isinstance(tables, dict) else ():
            for setting, value in table.items() if isinstance(table, dict) else ():
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                if is_number and math.isfinite(value):
                    yield (parent, name, setting), int(value)
