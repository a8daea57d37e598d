"""A request in, the tools, MCP servers and URLs that it brings along out.

They are looked for where the APIs have them: Responses, chat completions and Messages. A tool or a
server goes by several names at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from re import IGNORECASE
from re import compile as pattern
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text, read_json

__all__ = ["Names", "mcp_servers", "tools", "urls"]

Names = tuple[str, ...]
"""The names of one thing, the fullest first."""

_MCP = "mcp__"
_PART = "__"
_URL_NAME = pattern("url|uri|endpoint", IGNORECASE)
_URL = pattern(r"https?://", IGNORECASE)
# What is cut off a URL before it is asked for: blanks and control characters.
_AROUND = "".join(map(chr, range(0x21)))


def tools(document: Mapping[str, Any]) -> Iterator[Names]:
    """Yield the names of each tool that is offered; in a namespace, `namespace.name` and `name`."""
    for namespace, tool in _offered(document):
        name = _name(tool)
        if name and tool.get("type") != "namespace":
            yield (f"{namespace}.{name}", name) if namespace else (name,)


def mcp_servers(document: Mapping[str, Any]) -> Iterator[Names]:
    """Yield name and URL of each MCP server: those that the provider asks, and the client's own.

    The latter are told by the names of tools: Codex has them in a namespace `mcp__SERVER` (measured
    on 0.169), other clients and releases call a tool `mcp__SERVER__TOOL`.
    """
    for server in as_mappings(document.get("mcp_servers")):
        yield _called(server, "name", "url")
    for _, tool in _offered(document):
        if tool.get("type") == "mcp":
            yield _called(tool, "server_label", "server_url", "connector_id")
        elif (name := _name(tool)).startswith(_MCP):
            yield _servers(name.removeprefix(_MCP), is_server=tool.get("type") == "namespace")


def urls(document: Mapping[str, Any]) -> Iterator[Names]:
    """Yield the URLs in arguments of tool calls: in fields that are named as one.

    Free text, such as a command line or a patch, has no fields.
    """
    for arguments in _arguments(document):
        for url in _urls_in(arguments):
            yield (url,)


def _offered(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each entry of a list of tools, with the namespace that it is in.

    Newer models of Codex bring them in items of the input (measured on 0.145 and later), and
    those that were searched for as well (0.169).
    """
    found = [document.get("tools"), document.get("functions")]
    found += [item.get("tools") for item in as_mappings(document.get("input"))]
    lists = [("", as_mappings(entries)) for entries in reversed(found)]
    while lists:
        namespace, entries = lists[-1]
        tool = next(entries, None)
        if tool is None:
            lists.pop()
            continue
        yield namespace, tool
        if tool.get("type") == "namespace":
            name = as_text(tool.get("name"))
            inner = f"{namespace}.{name}" if namespace else name
            lists.append((inner, as_mappings(tool.get("tools"))))


def _name(tool: Mapping[str, Any]) -> str:
    """Return what `tool` is called, by chat completions one level down; built-in ones by type."""
    inside = (as_object(tool.get(kind)) for kind in ("function", "custom"))
    named = (as_text(one.get("name")) for one in (tool, *inside))
    return next(filter(None, named), "") or as_text(tool.get("type"))


def _called(server: Mapping[str, Any], label: str, *others: str) -> Names:
    names = [as_text(server.get(field)) for field in (label, *others)]
    if _URL.match(names[0]):
        # Whoever names a server as the URL of another one is not taken at their word.
        del names[0]
    return tuple(filter(None, names))


def _servers(rest: str, *, is_server: bool) -> Names:
    """Return what may be the server in `rest`: `__` may be a part of its name and of a tool's."""
    rest = rest.removesuffix(_PART)
    parts = rest.split(_PART)
    ends = range(len(parts) if is_server else len(parts) - 1, 0, -1)
    return tuple(_PART.join(parts[:end]) for end in ends) or (rest,)


def _arguments(document: Mapping[str, Any]) -> Iterator[object]:
    for item in as_mappings(document.get("input")):
        # Functions and MCP servers have arguments, custom tools an input.
        yield from (_parsed(item.get(field)) for field in ("arguments", "input"))
    for message in as_mappings(document.get("messages")):
        for call in as_mappings(message.get("tool_calls")):
            yield _parsed(as_object(call.get("function")).get("arguments"))
            yield _parsed(as_object(call.get("custom")).get("input"))
        yield _parsed(as_object(message.get("function_call")).get("arguments"))
        for block in as_mappings(message.get("content")):
            if as_text(block.get("type")).endswith("tool_use"):
                yield block.get("input")


def _parsed(arguments: object) -> object:
    if not isinstance(arguments, str):
        return arguments
    try:
        return read_json(arguments.encode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _urls_in(value: object) -> Iterator[str]:
    waiting = [(False, value)]
    while waiting:
        is_named, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(bool(_URL_NAME.search(name)), entry) for name, entry in value.items()]
        elif isinstance(value, list):
            waiting += [(is_named, entry) for entry in value]
        elif is_named and isinstance(value, str):
            url = value.strip(_AROUND)
            if _URL.match(url):
                yield url
