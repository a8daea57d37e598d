"""The stream of a generateContent answer in, what happens in it out.

Shape: Google's published API. Each event is a whole response with the next parts in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_count, as_mappings, as_object, as_text
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.gemini_request import ON_CALL, SIGNATURE
from provisioner.gateway.translate.gemini_trouble import gemini_trouble
from provisioner.gateway.translate.trouble import Cause, Trouble
from provisioner.gateway.translate.usage import usage_of

__all__ = ["GeminiAnswer"]

_DECLINED = frozenset(
    {
        "BLOCKLIST",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "RECITATION",
        "SAFETY",
        "SPII",
    }
)


class GeminiAnswer:
    """Reads one answer."""

    def __init__(self, events: AnswerEvents) -> None:
        """Tell `events` what happens."""
        self._events = events
        self._finish = ""
        self._message = ""
        self._calls = 0

    def event(self, document: Mapping[str, Any]) -> None:
        """Take the next piece of the answer."""
        if "error" in document:
            self._events.fail(gemini_trouble(200, document, ""))
            return
        self._events.begin(as_text(document.get("modelVersion")))
        usage = as_object(document.get("usageMetadata"))
        if usage:
            self._events.usage = _usage(usage)
        blocked = as_object(document.get("promptFeedback")).get("blockReason")
        if blocked:
            self._events.fail(Trouble(Cause.INVALID, f"the prompt was blocked: {blocked}"))
            return
        for candidate in as_mappings(document.get("candidates")):
            if candidate.get("index", 0) == 0:
                self._candidate(candidate)

    def whole(self, document: Mapping[str, Any]) -> None:
        """Take an answer that was not streamed, which is one that has all parts."""
        self.event(document)
        if self._events.response is None:
            self.end()

    def end(self) -> None:
        """End the answer if the model had come to an end."""
        if self._finish == "STOP":
            self._events.complete()
        elif self._finish == "MAX_TOKENS":
            self._events.cut_short("max_output_tokens")
        elif self._finish:
            cause = Cause.INVALID if self._finish in _DECLINED else Cause.SERVER
            said = f"the model stopped: {self._finish}"
            message = f"{said}: {self._message}" if self._message else said
            self._events.fail(Trouble(cause, message))

    def _candidate(self, candidate: Mapping[str, Any]) -> None:
        for part in as_mappings(as_object(candidate.get("content")).get("parts")):
            self._part(part)
        self._finish = as_text(candidate.get("finishReason")) or self._finish
        self._message = as_text(candidate.get("finishMessage")) or self._message

    def _part(self, part: Mapping[str, Any]) -> None:
        signature = as_text(part.get(SIGNATURE))
        called = part.get("functionCall")
        if part.get("thought") is True:
            self._events.reasoning(as_text(part.get("text")))
            self._seal(signature)
        elif isinstance(called, dict):
            self._seal(signature, on_call=True)
            self._call(called)
        else:
            self._events.text(as_text(part.get("text")))
            self._seal(signature)

    def _seal(self, signature: str, *, on_call: bool = False) -> None:
        if signature:
            self._events.sealed({"signature": signature, ON_CALL: on_call})

    def _call(self, called: Mapping[str, Any]) -> None:
        self._calls += 1
        key = self._calls
        self._events.call(key, as_text(called.get("id")), as_text(called.get("name")))
        self._events.arguments(key, json.dumps(as_object(called.get("args"))))
        self._events.called(key)


def _usage(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    thought = as_count(usage.get("thoughtsTokenCount"))
    used_by_tools = as_count(usage.get("toolUsePromptTokenCount"))
    return usage_of(
        read=as_count(usage.get("promptTokenCount")) + used_by_tools,
        cached=as_count(usage.get("cachedContentTokenCount")),
        said=as_count(usage.get("candidatesTokenCount")) + thought,
        thought=thought,
    )
