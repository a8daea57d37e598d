"""The tools a request offers, and the call that runs a command line with one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.upstreams.script import ToolCall

__all__ = ["command_call", "offered_names"]

# Name of a tool → its arguments for a command line; the first one that is offered is called.
# Codex 0.122 to 0.169 offer or at least know `exec_command`, older ones the others.
_COMMAND_TOOLS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "exec_command": lambda line: {"cmd": line},
    "shell_command": lambda line: {"command": line},
    "shell": lambda line: {"command": ["bash", "-lc", line]},
    "Bash": lambda line: {"command": line},
}


def offered_names(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the tools in a request, also those that stand inside its input.

    Codex 0.145 and later put the tools of some models into the first item of `input`.
    """
    for tool in as_mappings(document.get("tools")):
        yield from _names(tool)
    for item in as_mappings(document.get("input")):
        if item.get("type") == "additional_tools":
            for tool in as_mappings(item.get("tools")):
                yield from _names(tool)


def _names(tool: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of `tool`, or the names of those in a namespace."""
    inside = list(as_mappings(tool.get("tools")))
    if not inside:
        # Chat Completions have it one level down.
        yield as_text(tool.get("name")) or as_text(as_object(tool.get("function")).get("name"))
    for one in inside:
        yield from _names(one)


def command_call(line: str, document: Mapping[str, Any]) -> ToolCall:
    """Return the call that runs the command `line` for a client that sent `document`."""
    offered = set(offered_names(document))
    known = [name for name in _COMMAND_TOOLS if name in offered]
    if not known and "exec" in offered:
        script = f"const r = await tools.exec_command({json.dumps({'cmd': line})}); text(r);"
        return ToolCall(name="exec", kind="custom", input=script)
    name = known[0] if known else "exec_command"
    return ToolCall(name=name, arguments=_COMMAND_TOOLS[name](line))
