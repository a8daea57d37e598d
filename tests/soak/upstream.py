"""An AI service with bad days: the model that it is asked for says how it answers."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Callable, Mapping

from tests.support.relayed import EVENT, HEAD, OPEN, chunk
from tests.support.twin import TwinRequest, reset

__all__ = ["BEHAVIOURS", "play"]

_NUMBERS = itertools.count()
_END = b"0\r\n\r\n"


def play(request: TwinRequest, connection: socket.socket) -> None:
    """Answer `request` as its model says; what has no body gets an empty list."""
    asked = json.loads(request.body) if request.body else {}
    model = asked.get("model", "")
    if model in BEHAVIOURS:
        BEHAVIOURS[model](asked, connection)
    else:
        connection.sendall(_json(200, {"object": "list", "data": []}))


def _response() -> dict[str, object]:
    usage = {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}
    return {"id": f"r{next(_NUMBERS)}", "status": "completed", "output": [], "usage": usage}


def _completed() -> bytes:
    event = {"type": "response.completed", "response": _response()}
    return b"event: response.completed\ndata: " + json.dumps(event).encode() + b"\n\n"


def _json(status: int, document: object, fields: str = "") -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{fields}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _well(asked: Mapping[str, object], connection: socket.socket, pause: float = 0) -> None:
    if asked.get("stream") is not True:
        connection.sendall(_json(200, _response()))
        return
    connection.sendall(OPEN)
    for number in range(20):
        connection.sendall(chunk(EVENT % number))
        time.sleep(pause)
    connection.sendall(chunk(_completed()) + _END)


def _slowly(asked: Mapping[str, object], connection: socket.socket) -> None:
    _well(asked, connection, 0.05)


def _breaks(how: Callable[[socket.socket], None]) -> Callable[..., None]:
    def behave(_: Mapping[str, object], connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1))
        # It must have been read before the end takes it back.
        time.sleep(0.2)
        how(connection)

    return behave


def _garbles(connection: socket.socket) -> None:
    connection.sendall(b"this is no chunk\r\n")
    connection.shutdown(socket.SHUT_RDWR)


def _stalls(connection: socket.socket) -> None:
    connection.recv(1)


def _says(answer: bytes) -> Callable[..., None]:
    return lambda _, connection: connection.sendall(answer)


def _lies(_: Mapping[str, object], connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 9999\r\n\r\n" + EVENT % 1)
    connection.shutdown(socket.SHUT_RDWR)


_ERROR = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}

BEHAVIOURS: Mapping[str, Callable[[Mapping[str, object], socket.socket], None]] = {
    "well": _well,
    "slowly": _slowly,
    "resets": _breaks(reset),
    "garbles": _breaks(_garbles),
    "stalls": _breaks(_stalls),
    "lies": _lies,
    "refuses": _says(_json(429, _ERROR, "Retry-After: 1\r\n")),
    "fails": _says(_json(500, _ERROR)),
    "mumbles": _says(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "floods": _says(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n"),
}
