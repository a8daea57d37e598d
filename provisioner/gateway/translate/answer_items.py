"""The items of an answer while they grow: each knows its events and what it is in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from provisioner.gateway.json_parts import as_object, as_text
from provisioner.gateway.translate.tools import FREE_TEXT, Tool

__all__ = ["CallItem", "GrowingItem", "Happening", "MessageItem", "ReasoningItem"]

Happening = tuple[str, dict[str, Any]]
"""Name and fields of an event."""


class GrowingItem(Protocol):
    """An item between its `output_item.added` and its `output_item.done`."""

    def opened(self) -> Mapping[str, Any]:
        """Return the item as it is before anything is said."""

    def more(self, text: str) -> Iterator[Happening]:
        """Take the next piece of what is said."""

    def closed(self) -> Iterator[Happening]:
        """Yield the events that tell the end of what was said."""

    def whole(self) -> Mapping[str, Any]:
        """Return the item as it is now."""


class MessageItem:
    """What the model says to the user."""

    def __init__(self, number: str) -> None:
        """Start under the id that `number` is the unique part of."""
        self._id = f"msg_{number}"
        self._said: list[str] = []
        self._here = {"item_id": self._id, "content_index": 0}

    def opened(self) -> Mapping[str, Any]:
        """Return the item without words."""
        return {**self._item("in_progress"), "content": []}

    def more(self, text: str) -> Iterator[Happening]:
        """Say `text`."""
        if not self._said:
            yield "response.content_part.added", {**self._here, "part": _text_part("")}
        self._said.append(text)
        yield "response.output_text.delta", {**self._here, "delta": text, "logprobs": []}

    def closed(self) -> Iterator[Happening]:
        """Tell all words at once."""
        text = "".join(self._said)
        yield "response.output_text.done", {**self._here, "text": text, "logprobs": []}
        yield "response.content_part.done", {**self._here, "part": _text_part(text)}

    def whole(self) -> Mapping[str, Any]:
        """Return the item with all its words."""
        return {**self._item("completed"), "content": [_text_part("".join(self._said))]}

    def _item(self, status: str) -> dict[str, Any]:
        return {"id": self._id, "type": "message", "status": status, "role": "assistant"}


class ReasoningItem:
    """What the model thinks, as a summary, and sealed for its service."""

    def __init__(self, number: str) -> None:
        """Start under the id that `number` is the unique part of."""
        self._id = f"rs_{number}"
        self._said: list[str] = []
        self._here = {"item_id": self._id, "summary_index": 0}
        self._sealed: str | None = None

    def opened(self) -> Mapping[str, Any]:
        """Return the item without thoughts."""
        return {"id": self._id, "type": "reasoning", "summary": []}

    def more(self, text: str) -> Iterator[Happening]:
        """Think `text`."""
        if not self._said:
            yield "response.reasoning_summary_part.added", {**self._here, "part": _summary("")}
        self._said.append(text)
        yield "response.reasoning_summary_text.delta", {**self._here, "delta": text}

    def seal(self, sealed: str) -> None:
        """Keep what the service wants back."""
        self._sealed = sealed

    def closed(self) -> Iterator[Happening]:
        """Tell all thoughts at once."""
        if self._said:
            text = "".join(self._said)
            yield "response.reasoning_summary_text.done", {**self._here, "text": text}
            yield "response.reasoning_summary_part.done", {**self._here, "part": _summary(text)}

    def whole(self) -> Mapping[str, Any]:
        """Return the item with its summary and what is sealed."""
        summary = [_summary("".join(self._said))] if self._said else []
        return {**self.opened(), "summary": summary, "encrypted_content": self._sealed}


class CallItem:
    """A tool call, in the kind that Codex offered the tool as."""

    def __init__(self, number: str, call_id: str, name: str, tool: Tool | None) -> None:
        """Call `tool`, or for None a function of that `name`, which the client will refuse."""
        self._kind = tool.kind if tool else "function"
        self._id = f"{_PREFIXES[self._kind]}_{number}"
        self._pieces: list[str] = []
        self._call = {"call_id": call_id, "name": tool.name if tool else name}
        if tool and tool.namespace:
            self._call["namespace"] = tool.namespace

    @property
    def is_complete(self) -> bool:
        """Whether the arguments came to their end."""
        raw = "".join(self._pieces)
        try:
            return isinstance(json.loads(raw or "{}"), dict)
        except (ValueError, RecursionError):
            return False

    def opened(self) -> Mapping[str, Any]:
        """Return the call without arguments."""
        return self._item("in_progress", "")

    def more(self, text: str) -> Iterator[Happening]:
        """Take a piece of the JSON text of the arguments."""
        self._pieces.append(text)
        if self._kind == "function":
            here = {"item_id": self._id, "delta": text}
            yield "response.function_call_arguments.delta", here

    def closed(self) -> Iterator[Happening]:
        """Tell the arguments, or the free text in them, at once."""
        raw = "".join(self._pieces) or "{}"
        if self._kind == "function":
            said = {"item_id": self._id, "name": self._call["name"], "arguments": raw}
            yield "response.function_call_arguments.done", said
        elif self._kind == "custom":
            said = {"item_id": self._id, "delta": _free_text(raw)}
            yield "response.custom_tool_call_input.delta", said
            said = {"item_id": self._id, "input": _free_text(raw)}
            yield "response.custom_tool_call_input.done", said

    def whole(self) -> Mapping[str, Any]:
        """Return the call with all its arguments."""
        return self._item("completed", "".join(self._pieces) or "{}")

    def _item(self, status: str, raw: str) -> Mapping[str, Any]:
        head = {"id": self._id, "status": status}
        if self._kind == "custom":
            return {"type": "custom_tool_call", **head, **self._call, "input": _free_text(raw)}
        if self._kind == "search":
            found = {"execution": "client", "arguments": as_object(raw.encode(errors="replace"))}
            call_id = self._call["call_id"]
            return {"type": "tool_search_call", **head, "call_id": call_id, **found}
        return {"type": "function_call", **head, **self._call, "arguments": raw}


_PREFIXES = {"function": "fc", "custom": "ctc", "search": "tsc"}


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def _summary(text: str) -> dict[str, Any]:
    return {"type": "summary_text", "text": text}


def _free_text(raw: str) -> str:
    """Return the one argument of a custom tool; a model may forget the object around it."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    if isinstance(found, dict) and isinstance(found.get(FREE_TEXT), str):
        return as_text(found[FREE_TEXT])
    return found if isinstance(found, str) else raw
