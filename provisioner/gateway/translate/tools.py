"""The tools of a request under names that every service takes, and back to Codex's own.

Codex offers functions, custom tools (free text), a search for more tools, and namespaces of these.
Behind, all of them are functions. Measured on 0.169: a call of a tool in a namespace must name it,
for any but `functions`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.translate.dropped import Dropped

__all__ = ["FREE_TEXT", "Tool", "Toolbox"]

FREE_TEXT = "input"
"""The one argument of the function that stands for a custom tool."""

_DEFAULT_NAMESPACE = "functions"
_SEARCH = "tool_search"
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
# The shortest limit of the services behind.
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: `wire` is its name behind, `kind` is `function`, `custom` or `search`."""

    wire: str
    kind: str
    namespace: str
    name: str
    description: str
    schema: Mapping[str, Any]
    strict: bool


class Toolbox:
    """All tools of a request; each has a name of its own behind."""

    def __init__(self, dropped: Dropped) -> None:
        """Start empty; what cannot be offered is added to `dropped`."""
        self._dropped = dropped
        self._by_wire: dict[str, Tool] = {}
        self._by_source: dict[tuple[str, str], Tool] = {}

    def __iter__(self) -> Iterator[Tool]:
        """Yield the tools in the order they were offered."""
        return iter(self._by_wire.values())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_wire)

    def add(self, tool: Mapping[str, Any], namespace: str = "") -> None:
        """Offer `tool`, an entry of a request's `tools`; one offered before stays as it is."""
        kind = as_text(tool.get("type"))
        if kind == "namespace":
            for inner in as_mappings(tool.get("tools")):
                self.add(inner, as_text(tool.get("name")))
        elif kind == "function":
            self._put(tool, kind, namespace, _object_schema(tool.get("parameters")))
        elif kind == "custom":
            self._put(tool, kind, namespace, _free_text_schema(tool))
        elif kind == _SEARCH and tool.get("execution") == "client":
            schema = _object_schema(tool.get("parameters"))
            self._put({**tool, "name": _SEARCH}, "search", "", schema)
        else:
            self._dropped.add(f"tools.{kind}")

    def offered(self, tools: object) -> Iterator[Tool]:
        """Yield what stands for the entries of a list of `tools`, if they were added."""
        for tool in as_mappings(tools):
            inner = as_text(tool.get("name")) if tool.get("type") == "namespace" else ""
            for one in as_mappings(tool.get("tools")) if inner else (tool,):
                found = self._by_source.get((_spoken(inner), as_text(one.get("name"))))
                if found is not None:
                    yield found

    def wire(self, namespace: str, name: str) -> str:
        """Return what a tool is called behind, also one that is no longer offered."""
        found = self._by_source.get((_spoken(namespace), name))
        return found.wire if found else _wire(_spoken(namespace), name)

    def found(self, wire: str) -> Tool | None:
        """Return the tool that is called `wire` behind."""
        return self._by_wire.get(wire)

    def _put(
        self, tool: Mapping[str, Any], kind: str, namespace: str, schema: Mapping[str, Any]
    ) -> None:
        source = _spoken(namespace), as_text(tool.get("name"))
        if source in self._by_source or not source[1]:
            return
        wire = _wire(*source)
        if wire in self._by_wire:
            wire = _shortened(wire, f"{source}")
        description = as_text(tool.get("description")) + _grammar(tool.get("format"))
        strict = tool.get("strict") is True
        made = Tool(wire, kind, namespace, source[1], description, schema, strict)
        self._by_source[source] = self._by_wire[wire] = made


def _spoken(namespace: str) -> str:
    return "" if namespace == _DEFAULT_NAMESPACE else namespace


def _wire(namespace: str, name: str) -> str:
    whole = f"{namespace}__{name}" if namespace else name
    plain = _NOT_IN_NAMES.sub("_", whole)
    # Some services want a letter in the first place.
    plain = plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"
    return plain if plain == whole and len(plain) <= _LONGEST_NAME else _shortened(plain, whole)


def _shortened(plain: str, whole: str) -> str:
    mark = hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:8]
    return f"{plain[: _LONGEST_NAME - 9]}_{mark}"


def _object_schema(parameters: object) -> Mapping[str, Any]:
    return {"properties": {}, **as_object(parameters), "type": "object"}


def _free_text_schema(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    said = f"The whole input of {as_text(tool.get('name'))}, as plain text."
    return {
        "type": "object",
        "properties": {FREE_TEXT: {"type": "string", "description": said}},
        "required": [FREE_TEXT],
        "additionalProperties": False,
    }


def _grammar(form: object) -> str:
    """Return the grammar of a custom tool in words: nothing behind enforces one."""
    definition = as_text(as_object(form).get("definition"))
    if not definition:
        return ""
    syntax = as_text(as_object(form).get("syntax"))
    return f"\n\nThe input must follow this {syntax} grammar:\n{definition}"
