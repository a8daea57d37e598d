"""Facts read from the bodies of the Chat Completions API, in both directions, for the record.

They are told in the terms of the Responses API. Reading never raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from provisioner.gateway.json_parts import as_count, as_mappings, as_object, as_text
from provisioner.gateway.responses_api import MOST_ITEMS, RequestFacts, ResponseFacts
from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.text_pieces import TextPieces, TextRoom

__all__ = ["ChatReader", "request_facts"]


def request_facts(document: Mapping[str, Any]) -> RequestFacts:
    """Read the request body `document`: a prompt is a user message in the last place."""
    messages = document.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    last = as_object(last)
    return RequestFacts(
        model=as_text(document.get("model")),
        stream=document.get("stream") is True,
        background=False,
        prompt=_prompt(last) if last.get("role") == "user" else None,
        correlating_tool_call_id=(
            as_text(last.get("tool_call_id")) or None if last.get("role") == "tool" else None
        ),
    )


def _prompt(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = (part for part in as_mappings(content) if part.get("type") == "text")
    return "\n".join(as_text(part.get("text")) for part in parts)


class _Call(Struct):
    arguments: TextPieces
    call_id: str = ""
    name: str = ""

    def item(self) -> Mapping[str, Any]:
        return {
            "type": "function_call",
            "call_id": self.call_id,
            "name": self.name,
            "arguments": str(self.arguments),
        }


class ChatReader:
    """Collects the facts of one answer, from its event stream or from its whole body."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._parser = EventStreamParser()
        self.ended = False
        self._facts = ResponseFacts()
        self._calls: dict[int, _Call] = {}
        self._room = TextRoom()

    def feed(self, chunk: bytes) -> None:
        """Read the next `chunk` of an event stream."""
        for event in self._parser.feed(chunk):
            if event.data == b"[DONE]":
                self.ended = True
            else:
                self._chunk(as_object(event.data))

    def read(self, body: bytes) -> None:
        """Read the whole `body` of an answer that is not streamed."""
        document = as_object(body)
        self._whole(document)
        for choice in as_mappings(document.get("choices")):
            self._add_calls(as_object(choice.get("message")))
        self.ended = bool(document)

    def facts(self) -> ResponseFacts:
        """Return what was read so far; a stream without its mark of the end has an error."""
        facts = self._facts
        if not self.ended and not facts.error:
            facts.error = "stream closed before [DONE]"
        facts.items = [self._calls[index].item() for index in sorted(self._calls)]
        return facts

    def _chunk(self, document: Mapping[str, Any]) -> None:
        self._whole(document)
        for choice in as_mappings(document.get("choices")):
            self._add_calls(as_object(choice.get("delta")))
            # Some upstreams leave the mark of the end out.
            self.ended = self.ended or bool(as_text(choice.get("finish_reason")))

    def _whole(self, document: Mapping[str, Any]) -> None:
        facts = self._facts
        facts.response_id = facts.response_id or as_text(document.get("id"))
        if document.get("error"):
            code = as_text(as_object(document.get("error")).get("code"))
            facts.error = f"error: {code}" if code else "error"
        usage = as_object(document.get("usage"))
        if usage:
            facts.usage = _usage(usage)

    def _add_calls(self, message: Mapping[str, Any]) -> None:
        for position, part in _calls(message):
            call = self._calls.get(position)
            if call is None:
                if len(self._calls) >= MOST_ITEMS:
                    continue
                call = self._calls[position] = _Call(TextPieces(self._room))
            function = as_object(part.get("function"))
            call.call_id = call.call_id or as_text(part.get("id"))
            call.name = call.name or as_text(function.get("name"))
            call.arguments.add(as_text(function.get("arguments")))


def _calls(message: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, part in enumerate(as_mappings(message.get("tool_calls"))):
        index = part.get("index")
        yield (index if type(index) is int else number), part


def _usage(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "input_tokens": as_count(usage.get("prompt_tokens")),
        "input_tokens_details": as_object(usage.get("prompt_tokens_details")),
        "output_tokens": as_count(usage.get("completion_tokens")),
        "output_tokens_details": as_object(usage.get("completion_tokens_details")),
        "total_tokens": as_count(usage.get("total_tokens")),
    }
