"""Messages of Codex over a WebSocket in, the bodies of the same requests over HTTP out.

On a connection a client sends only what is new: `previous_response_id` stands for the input of
the last request and for what was answered. An upstream over HTTP knows nothing of that, so the
gateway keeps it, as long as the connection lasts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from provisioner.gateway.body import BODY_LIMIT

__all__ = ["BadMessageError", "Create", "History", "HistoryRoom", "warm_answer"]

_KIND = "response.create"
# For the connection only; over HTTP they mean nothing or something else.
_NOT_SENT = ("type", "previous_response_id", "generate")
# Upstreams look for stored items by these, and Codex has nothing stored.
_OF_ANSWERS = ("id", "status")


class BadMessageError(Exception):
    """The message is none that can be answered; `document` is the error in OpenAI's form."""

    def __init__(self, message: str, code: str | None = None) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.document = {
            "error": {"type": "invalid_request_error", "code": code, "message": message}
        }


@dataclass(frozen=True, slots=True)
class Create:
    """A request: `body` for HTTP; `generates` is false for one that only announces others."""

    body: bytes
    items: Sequence[msgspec.Raw] | None
    model: str
    generates: bool


class HistoryRoom:
    """What all connections together may keep of what was said.

    When there is no more room, the one that was quiet for the longest gives way.
    """

    def __init__(self, limit_bytes: int = 256 * 1024 * 1024) -> None:
        """Start with nothing kept."""
        self._limit = limit_bytes
        self._held: dict[History, int] = {}
        self._total = 0

    def hold(self, history: History, size: int) -> None:
        """Hold `size` bytes of `history`, whatever has to give way for it, be it itself."""
        self.let_go(history)
        self._held[history] = size
        self._total += size
        while self._total > self._limit:
            next(iter(self._held)).give_way()

    def let_go(self, history: History) -> None:
        """Hold nothing of `history`."""
        self._total -= self._held.pop(history, 0)


class History:
    """What was said on one connection and must not be repeated by the client."""

    def __init__(self, room: HistoryRoom, end: Callable[[], None]) -> None:
        """Start with nothing said.

        `end` ends the connection when there is no `room` for it: a client that names what was
        forgotten could only be refused, and Codex ends its turn then (measured on 0.122 and
        0.134); on a new connection it says all of it.
        """
        self._room = room
        self._end = end
        self._id = ""
        self._items: list[msgspec.Raw] = []

    def create(self, message: bytes) -> Create:
        """Return the request in `message`, whole; raises `BadMessageError`."""
        try:
            parts = msgspec.json.decode(message, type=dict[str, msgspec.Raw])
            kind, before, generate, model = (
                _value(parts, name)
                for name in ("type", "previous_response_id", "generate", "model")
            )
            items = _items(parts.get("input"))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadMessageError("the message cannot be read as a JSON object") from error
        if kind != _KIND:
            raise BadMessageError(f"the type of a message must be {_KIND}")
        if before is not None:
            if not self._id or before != self._id:
                raise BadMessageError(
                    "the previous response is not the last one of this connection",
                    "previous_response_not_found",
                )
            items = None if items is None else [*self._items, *items]
        kept = {name: part for name, part in parts.items() if name not in _NOT_SENT}
        whole = kept if items is None else {**kept, "input": items}
        body = msgspec.json.encode({**whole, "stream": True})
        name = model if isinstance(model, str) else ""
        return Create(body, items, name, generates=generate is not False)

    def answered(
        self, asked: Create, response_id: str, output: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Keep what was answered; without a `response_id` the next request has to say it all."""
        self.forget()
        if not response_id or asked.items is None:
            return
        # A copy lets go of the message that an item came in, which may be far longer.
        items = [*(item.copy() for item in asked.items), *map(_as_input, output)]
        self._id, self._items = response_id, items
        size = sum(len(memoryview(item)) for item in items)
        if size <= BODY_LIMIT:
            self._room.hold(self, size)
        else:
            self.give_way()

    def give_way(self) -> None:
        """Keep nothing, and end the connection."""
        self.forget()
        self._end()

    def forget(self) -> None:
        """Keep nothing."""
        self._room.let_go(self)
        self._id, self._items = "", []


def warm_answer(asked: Create) -> tuple[str, list[str]]:
    """Return the id and the messages that answer a request which generates nothing.

    Codex sends one when it connects, so that a service can prepare itself.
    """
    response: dict[str, Any] = {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "status": "in_progress",
        "model": asked.model,
        "output": [],
    }
    done = {**response, "status": "completed"}
    messages = [
        {"type": "response.created", "response": response},
        {"type": "response.completed", "response": done},
    ]
    return response["id"], [json.dumps(message) for message in messages]


def _value(parts: Mapping[str, msgspec.Raw], name: str) -> Any:  # noqa: ANN401 - any JSON value
    return msgspec.json.decode(parts[name]) if name in parts else None


def _items(source: msgspec.Raw | None) -> list[msgspec.Raw] | None:
    """Return the items of an input; None for one that is a text, which nothing can follow."""
    if source is None or not bytes(memoryview(source)).startswith(b"["):
        return None
    return msgspec.json.decode(source, type=list[msgspec.Raw])


def _as_input(item: Mapping[str, Any]) -> msgspec.Raw:
    """Return an item of an answer as clients over HTTP send it back."""
    kept = {name: value for name, value in item.items() if name not in _OF_ANSWERS}
    return msgspec.Raw(json.dumps(kept).encode())
