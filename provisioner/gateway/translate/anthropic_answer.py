"""The stream of a Messages answer in, what happens in it out. Shape: Anthropic's published API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_count, as_mappings, as_object, as_text
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.anthropic_trouble import anthropic_trouble
from provisioner.gateway.translate.trouble import Cause, Trouble
from provisioner.gateway.translate.usage import usage_of

__all__ = ["AnthropicAnswer"]

_THOUGHTS = ("thinking", "redacted_thinking")
_REFUSED = "the model declined to answer"
_TOO_LONG = "the conversation is longer than the model's context window"


class AnthropicAnswer:
    """Reads one answer."""

    def __init__(self, events: AnswerEvents) -> None:
        """Tell `events` what happens."""
        self._events = events
        self._usage: dict[str, Any] = {}
        self._stop = ""
        self._explanation = ""
        self._block: dict[str, Any] = {}
        self._pieces: list[str] = []
        self._is_over = False

    def event(self, document: Mapping[str, Any]) -> None:
        """Take one event; those that are not known say nothing."""
        kind = document.get("type")
        if kind == "message_start":
            self._start(as_object(document.get("message")))
        elif kind == "content_block_start":
            self._open(document.get("index"), as_object(document.get("content_block")))
        elif kind == "content_block_delta":
            self._delta(document.get("index"), as_object(document.get("delta")))
        elif kind == "content_block_stop":
            self._close(document.get("index"))
        elif kind == "message_delta":
            self._stopped(as_object(document.get("delta")), as_object(document.get("usage")))
        elif kind == "message_stop":
            self._is_over = True
            self.end()
        elif kind == "error":
            self._events.fail(anthropic_trouble(200, document, ""))

    def whole(self, document: Mapping[str, Any]) -> None:
        """Take an answer that was not streamed, block by block."""
        self._start(document)
        for index, block in enumerate(as_mappings(document.get("content"))):
            self._open(index, block)
            if block.get("type") == "tool_use" and block.get("input"):
                self._events.arguments(index, json.dumps(block["input"]))
            self._close(index)
        self._stopped(document, {})
        self._is_over = bool(document.get("stop_reason"))
        self.end()

    def end(self) -> None:
        """End the answer if the model had come to an end."""
        if not self._is_over:
            return
        self._events.usage = _usage(self._usage)
        if self._stop == "max_tokens":
            self._events.cut_short("max_output_tokens")
        elif self._stop == "refusal":
            said = self._explanation or _REFUSED
            self._events.fail(Trouble(Cause.INVALID, said))
        elif self._stop == "model_context_window_exceeded":
            self._events.fail(Trouble(Cause.TOO_LONG, _TOO_LONG))
        else:
            self._events.complete()

    def _start(self, message: Mapping[str, Any]) -> None:
        self._usage |= as_object(message.get("usage"))
        self._events.begin(as_text(message.get("model")))

    def _open(self, index: object, block: Mapping[str, Any]) -> None:
        self._block, self._pieces = dict(block), []
        kind = block.get("type")
        if kind == "tool_use":
            self._events.call(index, as_text(block.get("id")), as_text(block.get("name")))
        elif kind == "text":
            self._events.text(as_text(block.get("text")))
        elif kind == "thinking":
            self._think(as_text(block.get("thinking")))

    def _delta(self, index: object, delta: Mapping[str, Any]) -> None:
        kind = delta.get("type")
        if kind == "text_delta":
            self._events.text(as_text(delta.get("text")))
        elif kind == "input_json_delta":
            self._events.arguments(index, as_text(delta.get("partial_json")))
        elif kind == "thinking_delta":
            self._think(as_text(delta.get("thinking")))
        elif kind == "signature_delta":
            signed = as_text(self._block.get("signature")) + as_text(delta.get("signature"))
            self._block["signature"] = signed

    def _think(self, piece: str) -> None:
        self._pieces.append(piece)
        self._events.reasoning(piece)

    def _close(self, index: object) -> None:
        block, self._block = self._block, {}
        if block.get("type") == "thinking":
            block["thinking"] = "".join(self._pieces)
        if block.get("type") not in _THOUGHTS:
            self._events.pause()
            self._events.called(index)
        elif block.get("signature") or block.get("data"):
            self._events.sealed(block)
        else:
            self._events.pause()

    def _stopped(self, delta: Mapping[str, Any], usage: Mapping[str, Any]) -> None:
        self._usage |= {name: value for name, value in usage.items() if value is not None}
        self._stop = as_text(delta.get("stop_reason")) or self._stop
        details = as_object(delta.get("stop_details"))
        self._explanation = as_text(details.get("explanation"))


def _usage(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the usage; the API counts what came from and went into a cache apart."""
    cached = as_count(usage.get("cache_read_input_tokens"))
    written = as_count(usage.get("cache_creation_input_tokens"))
    details = as_object(usage.get("output_tokens_details"))
    return usage_of(
        read=as_count(usage.get("input_tokens")) + cached + written,
        cached=cached,
        written=written,
        said=as_count(usage.get("output_tokens")),
        thought=as_count(details.get("thinking_tokens")),
    )
