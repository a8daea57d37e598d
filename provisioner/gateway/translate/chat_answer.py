"""The stream of a Chat Completions answer in, what happens in it out.

Shape: OpenAI's published API; `reasoning_content` and `reasoning` are how DeepSeek, vLLM,
OpenRouter and others tell a model's thoughts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_count, as_mappings, as_object, as_text
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.chat_trouble import chat_trouble
from provisioner.gateway.translate.trouble import Cause, Trouble
from provisioner.gateway.translate.usage import usage_of

__all__ = ["ChatAnswer"]


class ChatAnswer:
    """Reads one answer."""

    def __init__(self, events: AnswerEvents) -> None:
        """Tell `events` what happens."""
        self._events = events
        self._finish = ""
        # Index of a call → the id it had last; some servers give all calls the same index.
        self._ids: dict[int, str] = {}
        self._keys: dict[int, int] = {}
        self._count = 0

    def event(self, document: Mapping[str, Any]) -> None:
        """Take one chunk."""
        if document.get("error"):
            self._events.fail(chat_trouble(200, document, ""))
            return
        self._events.begin(as_text(document.get("model")))
        usage = as_object(document.get("usage"))
        if usage:
            self._events.usage = _usage(usage)
        for choice in as_mappings(document.get("choices")):
            if choice.get("index", 0) == 0:
                self._said(as_object(choice.get("delta") or choice.get("message")))
                self._finish = as_text(choice.get("finish_reason")) or self._finish

    def whole(self, document: Mapping[str, Any]) -> None:
        """Take an answer that was not streamed: it differs in one name."""
        self.event(document)
        self.end()

    def end(self) -> None:
        """End the answer if the model had come to an end."""
        if self._finish == "length":
            self._events.cut_short("max_output_tokens")
        elif self._finish == "content_filter":
            message = "the upstream's content filter stopped the answer"
            self._events.fail(Trouble(Cause.INVALID, message))
        elif self._finish:
            self._events.complete()

    def _said(self, delta: Mapping[str, Any]) -> None:
        self._events.reasoning(_thought(delta))
        self._events.text(as_text(delta.get("content")) + as_text(delta.get("refusal")))
        for number, part in enumerate(as_mappings(delta.get("tool_calls"))):
            index = part.get("index")
            self._call(index if type(index) is int else number, part)

    def _call(self, index: int, part: Mapping[str, Any]) -> None:
        function = as_object(part.get("function"))
        number, name = as_text(part.get("id")), as_text(function.get("name"))
        if name and (index not in self._keys or (number and number != self._ids[index])):
            self._ids[index] = number
            self._count += 1
            self._keys[index] = self._count
            self._events.call(self._count, number, name)
        if index in self._keys:
            self._events.arguments(self._keys[index], as_text(function.get("arguments")))


def _thought(delta: Mapping[str, Any]) -> str:
    return as_text(delta.get("reasoning_content")) or as_text(delta.get("reasoning"))


def _usage(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    read, said = (
        as_object(usage.get("prompt_tokens_details")),
        usage.get("completion_tokens_details"),
    )
    return usage_of(
        read=as_count(usage.get("prompt_tokens")),
        # DeepSeek's own name for it.
        cached=as_count(read.get("cached_tokens"))
        or as_count(usage.get("prompt_cache_hit_tokens")),
        written=as_count(read.get("cache_write_tokens")),
        said=as_count(usage.get("completion_tokens")),
        thought=as_count(as_object(said).get("reasoning_tokens")),
    )
