"""The table of one MCP server → why Codex refuses it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.knowledge.codex_tables import CodexTable, codex_tables
from provisioner.knowledge.version import Version

__all__ = ["MCP_SERVER", "mcp_server_problems"]

MCP_SERVER = ("mcp_servers", "*")
"""Pattern of the tables."""

_TIMEOUTS = ("startup_timeout_sec", "tool_timeout_sec")
_LOCAL = "local"
_LONGEST = 2.0**64


def mcp_server_problems(table: CodexTable, codex: Version) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and reason, in Codex's words, for everything that keeps `table` from loading."""
    content = table.content
    transport = next(
        (
            kind
            for key, kind in (("command", "stdio"), ("url", "streamable_http"))
            if key in content
        ),
        None,
    )
    if transport is None:
        yield table.path, "invalid transport"
        return
    for name in codex_tables().mcp_transports[transport]:
        key = table.keys.get(name)
        if name in content and key and key.known_to(codex):
            yield (*table.path, name), f"{name} is not supported for {transport}"
    for name in _TIMEOUTS:
        if reason := _duration_problem(content.get(name)):
            yield (*table.path, name), reason
    if transport == "stdio" and codex_tables().wants_absolute_cwd(codex):
        yield from _cwd(table.path, content)


def _duration_problem(seconds: object) -> str | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if math.isnan(seconds) or seconds >= _LONGEST:
        return "cannot convert float seconds to Duration: value is either too big or NaN"
    is_negative = seconds < 0
    return "cannot convert float seconds to Duration: value is negative" if is_negative else None


def _cwd(
    path: tuple[str, ...], content: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], str]]:
    environment, cwd = content.get("environment_id"), content.get("cwd")
    if not isinstance(environment, str) or environment == _LOCAL:
        return
    reason = (
        f"remote stdio MCP servers require an absolute cwd when environment_id is `{environment}`"
    )
    if cwd is None:
        yield (*path, "environment_id"), reason
    elif isinstance(cwd, str) and not cwd.startswith("/"):
        yield (*path, "cwd"), f"{reason}, got `{cwd}`"
