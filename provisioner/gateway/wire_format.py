"""What the gateway must know of an API that it bridges: to read it, to end and to hold a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from provisioner.gateway import chat_api, messages_api, responses_api
from provisioner.gateway.responses_api import RequestFacts, ResponseFacts

__all__ = ["CHAT", "MESSAGES", "RESPONSES", "AnswerReader", "WireFormat"]


class AnswerReader(Protocol):
    """Collects the facts of one answer while it passes."""

    @property
    def ended(self) -> bool:
        """Whether the answer said that it is complete, or why it will not be."""

    def feed(self, chunk: bytes) -> None:
        """Read the next `chunk` of an event stream."""

    def read(self, body: bytes) -> None:
        """Read the whole `body` of an answer that is not streamed."""

    def facts(self) -> ResponseFacts:
        """Return what was read so far."""


class WireFormat(Struct, frozen=True):
    """One API.

    `failure` makes the event that tells a client why its stream ends early; `keep_alive` is an
    event without meaning.
    """

    request_facts: Callable[[Mapping[str, Any]], RequestFacts]
    reader: Callable[[], AnswerReader]
    failure: Callable[[str], bytes]
    keep_alive: bytes


def _responses_failure(message: str) -> bytes:
    """Return what Codex reads; it ignores an event named `error` (measured on 0.122 to 0.169)."""
    response = {
        "id": "resp_gateway",
        "object": "response",
        "status": "failed",
        "error": {"code": "upstream_error", "message": message},
        "output": [],
    }
    return _event("response.failed", {"type": "response.failed", "response": response})


def _messages_failure(message: str) -> bytes:
    error = {"type": "api_error", "message": message}
    return _event("error", {"type": "error", "error": error})


def _chat_failure(message: str) -> bytes:
    error = {"message": message, "type": "server_error", "param": None, "code": "upstream_error"}
    return f"data: {_compact({'error': error})}\n\n".encode()


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return f"event: {name}\ndata: {_compact(data)}\n\n".encode()


def _compact(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


RESPONSES = WireFormat(
    responses_api.request_facts,
    responses_api.ResponseReader,
    _responses_failure,
    # A comment would not do: Codex counts events, not bytes (measured on 0.122, 0.134, 0.169).
    _event("keepalive", {"type": "keepalive"}),
)
CHAT = WireFormat(chat_api.request_facts, chat_api.ChatReader, _chat_failure, b": keep-alive\n\n")
MESSAGES = WireFormat(
    messages_api.request_facts,
    messages_api.MessagesReader,
    _messages_failure,
    _event("ping", {"type": "ping"}),
)
