"""Facts read from the bodies of the Responses API, in both directions, for the record.

Reading never raises: a field of the wrong type counts as absent, as the upstream is the judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from msgspec import Struct, field

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.sse_search import EventSearch

__all__ = [
    "MOST_ITEMS",
    "RequestFacts",
    "ResponseFacts",
    "ResponseReader",
    "message_text",
    "request_facts",
]

MOST_ITEMS = 1000
"""How many output items of one answer are kept for its record."""

_MOST_BYTES = 8 * 1024 * 1024
_ENDINGS = {
    "response.completed": "",
    "response.failed": "response.failed",
    "response.incomplete": "response.incomplete",
}
_ITEM_DONE = "response.output_item.done"
# Only these events are parsed; the many deltas between them pass unread. A name with both its
# quotes cannot occur inside a JSON string, so no delta matches.
_READ = tuple(f'"{name}"'.encode() for name in (*_ENDINGS, _ITEM_DONE))
_CREATED = b'"response.created"'
_MARKS = re.compile(b'"response\\.(?:created|completed|failed|incomplete|output_item\\.done)"')


class RequestFacts(Struct, frozen=True):
    """What the gateway needs to know of a request for a response."""

    model: str
    stream: bool
    background: bool
    prompt: str | None
    correlating_tool_call_id: str | None


class ResponseFacts(Struct):
    """What an answer said: its id, usage and output items, and why it is not complete."""

    response_id: str = ""
    usage: Mapping[str, Any] | None = None
    items: list[Mapping[str, Any]] = field(default_factory=list)
    error: str = ""


def request_facts(document: Mapping[str, Any]) -> RequestFacts:
    """Read the request body `document`.

    Only a user message in the last place is a prompt: tool outputs in that place mean that the
    client goes on with the prompt before, and name the call they belong to.
    """
    model = document.get("model")
    source = document.get("input")
    prompt = source if isinstance(source, str) else None
    call_id: str | None = None
    last = source[-1] if isinstance(source, list) and source else None
    if isinstance(last, dict):
        if last.get("role") == "user":
            prompt = message_text(last)
        if last.get("type") == "function_call_output":
            call_id = as_text(last.get("call_id")) or None
    return RequestFacts(
        model=model if isinstance(model, str) else "",
        stream=document.get("stream") is True,
        background=document.get("background") is True,
        prompt=prompt,
        correlating_tool_call_id=call_id,
    )


def message_text(item: Mapping[str, Any]) -> str:
    """Return the text of a user message: its content, or its text parts joined by newlines."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts = (part for part in as_mappings(content) if part.get("type") == "input_text")
    return "\n".join(as_text(part.get("text")) for part in parts)


class ResponseReader:
    """Collects the facts of one answer, from its event stream or from its whole body."""

    __slots__ = ("_created", "_events", "_facts", "_room", "ended")

    def __init__(self) -> None:
        """Start with nothing read."""
        self._events = EventSearch(_MARKS)
        self._created = b""
        self.ended = False
        self._facts = ResponseFacts()
        self._room = _MOST_BYTES

    def feed(self, chunk: bytes) -> None:
        """Read the next `chunk` of an event stream."""
        for event in self._events.feed(chunk):
            data = event.data
            if any(name in data for name in _READ):
                self._event(as_object(data), len(data))
            elif _CREATED in data:
                self._created = data

    def read(self, body: bytes) -> None:
        """Read the whole `body` of an answer that is not streamed."""
        document = as_object(body)
        self._response(document)
        status = as_text(document.get("status"))
        if status != "completed":
            self._facts.error = f"response.{status}" if status else "the answer has no status"
        self.ended = True

    def facts(self) -> ResponseFacts:
        """Return what was read so far; a stream without a last event has an error."""
        facts = self._facts
        if not self.ended and not facts.error:
            facts.error = "stream closed before response.completed"
        if not facts.response_id and self._created:
            # Parsed only when no last event told the id: it repeats much of the request.
            facts.response_id = as_text(
                as_object(as_object(self._created).get("response")).get("id")
            )
        return facts

    def _event(self, document: Mapping[str, Any], size: int) -> None:
        kind, items = as_text(document.get("type")), self._facts.items
        if kind == _ITEM_DONE:
            item = document.get("item")
            # A record is what people read; the client has the rest.
            if isinstance(item, dict) and size <= self._room and len(items) < MOST_ITEMS:
                items.append(item)
                self._room -= size
        elif kind in _ENDINGS:
            self.ended = True
            response = as_object(document.get("response"))
            self._response(response)
            self._facts.error = _ending_error(kind, response)

    def _response(self, response: Mapping[str, Any]) -> None:
        facts = self._facts
        facts.response_id = as_text(response.get("id"))
        if response.get("status", "completed") == "completed":
            facts.usage = as_object(response.get("usage")) or None
        # Some upstreams leave `output` empty in the last event, so items come first.
        facts.items = facts.items or list(islice(as_mappings(response.get("output")), MOST_ITEMS))


def _ending_error(kind: str, response: Mapping[str, Any]) -> str:
    """Return the event's name with the machine-readable reason; messages may quote secrets."""
    name = _ENDINGS[kind]
    reason = as_text(as_object(response.get("error")).get("code")) or as_text(
        as_object(response.get("incomplete_details")).get("reason")
    )
    return f"{name}: {reason}" if name and reason else name
