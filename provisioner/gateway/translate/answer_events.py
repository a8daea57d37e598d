"""What a model says, piece by piece, in; the events of the Responses API and its response out."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.gateway.translate.answer_items import (
    CallItem,
    GrowingItem,
    Happening,
    MessageItem,
    ReasoningItem,
)
from provisioner.gateway.translate.seal import seal
from provisioner.gateway.translate.tools import Toolbox
from provisioner.gateway.translate.trouble import Trouble

__all__ = ["AnswerEvents"]

_Spoken = MessageItem | ReasoningItem


class AnswerEvents:
    """One answer; whoever reads a service's stream tells it what happens, in order.

    Text and reasoning end when something else begins; calls may grow side by side.
    """

    def __init__(self, service: str, model: str, tools: Toolbox) -> None:
        """Answer for the upstream `service` and its `model`, which calls `tools`."""
        self._service = service
        self._tools = tools
        self._number = uuid.uuid4().hex
        self._head: dict[str, Any] = {
            "id": f"resp_{self._number}",
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
        }
        self._out: list[bytes] = []
        self._sent = 0
        self._output: dict[int, Mapping[str, Any]] = {}
        self._items = 0
        self._speaking: tuple[int, _Spoken] | None = None
        self._calls: dict[object, tuple[int, CallItem]] = {}
        self._started = False
        self.usage: Mapping[str, Any] | None = None
        """What the answer cost, once it is known."""
        self.trouble: Trouble | None = None
        """Why the answer failed."""
        self.response: Mapping[str, Any] | None = None
        """The response as it is once all is said."""

    def take(self) -> bytes:
        """Return the events since the last time, as they go to the client."""
        out, self._out = self._out, []
        return b"".join(out)

    def begin(self, model: str = "") -> None:
        """Open the stream, once; `model` is who really answers, if that is said."""
        if self._started:
            return
        self._started = True
        self._head["model"] = model or self._head["model"]
        opening = self._response("in_progress")
        self._send("response.created", {"response": opening})
        self._send("response.in_progress", {"response": opening})

    def text(self, piece: str) -> None:
        """Say the next `piece` to the user."""
        if piece:
            self._speak(MessageItem, piece)

    def reasoning(self, piece: str) -> None:
        """Think the next `piece`."""
        if piece:
            self._speak(ReasoningItem, piece)

    def sealed(self, content: Mapping[str, Any]) -> None:
        """End the reasoning, which may have had no words, with what the service sealed."""
        _, item = self._spoken(ReasoningItem)
        if isinstance(item, ReasoningItem):
            item.seal(seal(self._service, content))
        self.pause()

    def pause(self) -> None:
        """End the text or the reasoning."""
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            self._done(*speaking)

    def call(self, key: object, call_id: str, name: str) -> None:
        """Begin to call the tool `name`; `key` tells the call from others that are open."""
        self.pause()
        number = self._next_number()
        item = CallItem(number, call_id or f"call_{number}", name, self._tools.found(name))
        self._calls[key] = self._open(item), item

    def arguments(self, key: object, piece: str) -> None:
        """Take the next `piece` of the JSON text of a call's arguments."""
        if piece and key in self._calls:
            index, item = self._calls[key]
            self._tell(index, item.more(piece))

    def called(self, key: object) -> None:
        """End a call."""
        if key in self._calls:
            self._done(*self._calls.pop(key))

    def complete(self) -> None:
        """End the answer well."""
        self.pause()
        for key in list(self._calls):
            self.called(key)
        self._end("response.completed", "completed")

    def cut_short(self, reason: str) -> None:
        """End an answer that is not whole; calls that lack a part of their arguments are left out.

        Codex carries out what it gets, and half a command is another command.
        """
        self.pause()
        for key, (_, item) in list(self._calls.items()):
            if item.is_complete:
                self.called(key)
        self._end("response.incomplete", "incomplete", incomplete_details={"reason": reason})

    def fail(self, trouble: Trouble) -> None:
        """End the answer without it; nothing that was open is told to the client."""
        self.trouble = trouble
        self._end("response.failed", "failed", error=trouble.error())

    def _speak(self, kind: type[_Spoken], piece: str) -> None:
        index, item = self._spoken(kind)
        self._tell(index, item.more(piece))

    def _spoken(self, kind: type[_Spoken]) -> tuple[int, _Spoken]:
        """Return the open item of this `kind`, a new one if something else is open."""
        if self._speaking is None or not isinstance(self._speaking[1], kind):
            self.pause()
            item = kind(self._next_number())
            self._speaking = self._open(item), item
        return self._speaking

    def _next_number(self) -> str:
        return f"{self._number}{self._items}"

    def _open(self, item: GrowingItem) -> int:
        index = self._items
        self._items += 1
        self._send("response.output_item.added", {"output_index": index, "item": item.opened()})
        return index

    def _done(self, index: int, item: GrowingItem) -> None:
        self._tell(index, item.closed())
        self._output[index] = item.whole()
        done = {"output_index": index, "item": self._output[index]}
        self._send("response.output_item.done", done)

    def _tell(self, index: int, happenings: Iterable[Happening]) -> None:
        for name, fields in happenings:
            self._send(name, {"output_index": index, **fields})

    def _end(self, name: str, status: str, **more: Any) -> None:  # noqa: ANN401 - any JSON value
        if self.response is None:
            self.begin()
            self.response = {**self._response(status), **more}
            self._send(name, {"response": self.response})

    def _response(self, status: str) -> dict[str, Any]:
        return {
            **self._head,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "output": [self._output[index] for index in sorted(self._output)],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": self.usage,
        }

    def _send(self, name: str, fields: Mapping[str, Any]) -> None:
        data = {"type": name, "sequence_number": self._sent, **fields}
        self._sent += 1
        self._out.append(
            f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
        )
