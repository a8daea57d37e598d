"""An answer as messages of a WebSocket: each event of its stream is one, without the framing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from provisioner.gateway.json_parts import as_object, as_text
from provisioner.gateway.sse import EventStreamParser

__all__ = ["FrameResponse", "error_message"]

_COMPLETED = "response.completed"
_LAST = (_COMPLETED, "response.failed", "response.incomplete")


class _Event(msgspec.Struct):
    """What decides about an event; of the others nothing is read but that they are JSON."""

    type: str
    item: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()


_READER = msgspec.json.Decoder(_Event)


class FrameResponse(web.StreamResponse):
    """Takes the bytes of an event stream and sends its events to the client of a WebSocket.

    Afterwards `ended` tells whether there was a last event, `response_id` and `output` what a
    completed response was.
    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        """Send through `socket`."""
        super().__init__()
        self._socket = socket
        self._parser = EventStreamParser()
        self.ended = False
        self.response_id = ""
        self.output: list[Mapping[str, Any]] = []

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:  # noqa: ARG002
        """Send nothing: a message has no head."""
        return None

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send the events that `data` completes."""
        for event in self._parser.feed(bytes(data)):
            await self._event(event.data)

    async def write_eof(self, data: bytes = b"") -> None:
        """Send what is left."""
        await self.write(data)

    async def _event(self, data: bytes) -> None:
        try:
            event = _READER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # What is no event of the API, such as "[DONE]", is for event streams only.
            return
        await self._socket.send_str(data.decode())
        if event.type == "response.output_item.done":
            item = as_object(bytes(event.item))
            self.output += [item] if item else []
        elif event.type in _LAST:
            self.ended = True
            if event.type == _COMPLETED:
                self.response_id = as_text(as_object(bytes(event.response)).get("id"))


def error_message(status: int, body: bytes, headers: Mapping[str, str]) -> str:
    """Return the message for an answer that is no stream, in the shape that Codex reads.

    It makes of it what it makes of that status over HTTP (measured on 0.122, 0.134, 0.169).
    """
    document = as_object(body)
    error = document.get("error")
    if not isinstance(error, dict):
        said = document.get("message") or body.decode(errors="replace").strip()
        error = {"type": "gateway_error", "code": None, "message": said}
    told = {name: headers[name] for name in ("Retry-After",) if name in headers}
    return json.dumps({"type": "error", "status": status, "error": error, "headers": told})
