"""A loopback twin of an AI service: keeps every request as it came and answers byte for byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Play", "Twin", "TwinRequest", "answering", "reset", "twin"]


@dataclass(frozen=True)
class TwinRequest:
    """One request as it came: first line, headers in order, body without chunk framing."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]


Play = Callable[[TwinRequest, socket.socket], None]
"""Answers one request on its connection; raises `OSError` when the other side is gone."""


@dataclass
class Twin:
    """Where a twin listens, what it was asked, and whether its last client went away."""

    url: str
    requests: list[TwinRequest] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def twin(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[Twin]:
    """Serve connections, each in a thread of its own, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "http" if tls is None else "https"
    running = Twin(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as source:
            while (request := _request(source)) is not None:
                running.requests.append(request)
                play(request, connection)
        running.gone.set()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken = listener.accept()[0]
                connections.append(tls.wrap_socket(taken, server_side=True) if tls else taken)
                threads.append(threading.Thread(target=talk, args=connections[-1:]))
                threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield running
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def answering(*answers: bytes) -> Play:
    """Return what gives `answers` in order, each a whole message; past the end the last one."""
    left = list(answers)
    lock = threading.Lock()

    def play(_request: TwinRequest, connection: socket.socket) -> None:
        with lock:
            answer = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(answer)

    return play


def reset(connection: socket.socket) -> None:
    """Break the connection off without a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise ConnectionResetError


def _request(source: socket.SocketIO) -> TwinRequest | None:
    line = source.readline().decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    headers: list[tuple[str, str]] = []
    while field_line := source.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = field_line.partition(":")
        headers.append((name, value.strip()))
    told = {name.lower(): value for name, value in headers}
    body = b""
    if "chunked" in told.get("transfer-encoding", ""):
        while size := int(source.readline(), 16):
            body += source.read(size)
            source.readline()
        source.readline()
    else:
        body = source.read(int(told.get("content-length", "0")))
    return TwinRequest(line, tuple(headers), body)
