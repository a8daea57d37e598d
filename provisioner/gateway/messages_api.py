"""Facts read from the bodies of the Messages API, in both directions, for the record.

They are told in the terms of the Responses API. Reading never raises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from provisioner.gateway.json_parts import as_count, as_mappings, as_object, as_text
from provisioner.gateway.responses_api import MOST_ITEMS, RequestFacts, ResponseFacts
from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.text_pieces import TextPieces, TextRoom

__all__ = ["MessagesReader", "request_facts"]


def request_facts(document: Mapping[str, Any]) -> RequestFacts:
    """Read the request body `document`: a prompt is text of the user in the last place."""
    messages = document.get("messages")
    last = as_object(messages[-1] if isinstance(messages, list) and messages else None)
    content = last.get("content") if last.get("role") == "user" else None
    parts = list(as_mappings(content))
    texts = [as_text(part.get("text")) for part in parts if part.get("type") == "text"]
    results = [part for part in parts if part.get("type") == "tool_result"]
    prompt = content if isinstance(content, str) else "\n".join(texts) if texts else None
    call_id = as_text(results[-1].get("tool_use_id")) if results else ""
    return RequestFacts(
        model=as_text(document.get("model")),
        stream=document.get("stream") is True,
        background=False,
        # What stands beside tool results was written by the client, not by a human.
        prompt=None if results else prompt,
        correlating_tool_call_id=call_id or None,
    )


class _Block(Struct):
    """A part of the answer, as it began, and what came for it since."""

    began: Mapping[str, Any]
    arguments: TextPieces
    thinking: TextPieces

    def item(self) -> Mapping[str, Any]:
        began = self.began
        if began.get("type") == "tool_use":
            return {
                "type": "function_call",
                "call_id": as_text(began.get("id")),
                "name": as_text(began.get("name")),
                "arguments": str(self.arguments) or json.dumps(began.get("input")),
            }
        thinking = as_text(began.get("thinking")) + str(self.thinking)
        return {"type": as_text(began.get("type")), "thinking": thinking}


class MessagesReader:
    """Collects the facts of one answer, from its event stream or from its whole body."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._parser = EventStreamParser()
        self.ended = False
        self._facts = ResponseFacts()
        self._usage: dict[str, Any] = {}
        self._blocks: dict[int, _Block] = {}
        self._room = TextRoom()

    def feed(self, chunk: bytes) -> None:
        """Read the next `chunk` of an event stream."""
        for event in self._parser.feed(chunk):
            # Text is not recorded, and it is most of a stream.
            if b'"text_delta"' not in event.data:
                self._event(as_object(event.data))

    def read(self, body: bytes) -> None:
        """Read the whole `body` of an answer that is not streamed."""
        document = as_object(body)
        self._message(document)
        for number, block in enumerate(as_mappings(document.get("content"))):
            self._begin(number, block)
        self.ended = bool(document)

    def facts(self) -> ResponseFacts:
        """Return what was read so far; a stream without its last event has an error."""
        facts = self._facts
        if not self.ended and not facts.error:
            facts.error = "stream closed before message_stop"
        facts.usage = _usage(self._usage) if self._usage else None
        facts.items = [self._blocks[index].item() for index in sorted(self._blocks)]
        return facts

    def _event(self, document: Mapping[str, Any]) -> None:
        kind = document.get("type")
        if kind == "message_start":
            self._message(as_object(document.get("message")))
        elif kind == "message_delta":
            self._usage |= as_object(document.get("usage"))
        elif kind == "content_block_start":
            self._begin(_index(document), as_object(document.get("content_block")))
        elif kind == "content_block_delta":
            self._delta(_index(document), as_object(document.get("delta")))
        elif kind == "message_stop":
            self.ended = True
        elif kind == "error":
            reason = as_text(as_object(document.get("error")).get("type"))
            self._facts.error = f"error: {reason}" if reason else "error"

    def _message(self, message: Mapping[str, Any]) -> None:
        self._facts.response_id = as_text(message.get("id"))
        self._usage |= as_object(message.get("usage"))

    def _begin(self, index: int, block: Mapping[str, Any]) -> None:
        if len(self._blocks) < MOST_ITEMS:
            self._blocks[index] = _Block(block, TextPieces(self._room), TextPieces(self._room))

    def _delta(self, index: int, delta: Mapping[str, Any]) -> None:
        block = self._blocks.get(index)
        if block is None:
            return
        if delta.get("type") == "input_json_delta":
            block.arguments.add(as_text(delta.get("partial_json")))
        elif delta.get("type") == "thinking_delta":
            block.thinking.add(as_text(delta.get("thinking")))


def _index(document: Mapping[str, Any]) -> int:
    return as_count(document.get("index"))


def _usage(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    cached = as_count(usage.get("cache_read_input_tokens"))
    written = as_count(usage.get("cache_creation_input_tokens"))
    read = as_count(usage.get("input_tokens"))
    said = as_count(usage.get("output_tokens"))
    return {
        "input_tokens": read + cached,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": said,
        "total_tokens": read + cached + written + said,
    }
