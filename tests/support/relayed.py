"""A gateway before a twin of an AI service, and what twins say."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.twin import Play, Twin, TwinRequest, reset, twin

__all__ = [
    "COMPLETED",
    "EVENT",
    "HEAD",
    "OPEN",
    "PROVIDER",
    "QUESTION",
    "chunk",
    "closing",
    "relaying",
    "resetting",
]

EVENT = b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","n":%d}\n\n'
COMPLETED = b'data: {"type":"response.completed","response":{"id":"r1","output":[]}}\n\n'
QUESTION = {"model": "m", "stream": True, "input": "hello"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
OPEN = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@contextlib.contextmanager
def relaying(
    play: Play, folder: Path, settings: str = "", provider: str = ""
) -> Iterator[tuple[RunningGateway, Twin]]:
    """Run a gateway before a twin that plays `play`."""
    with twin(play) as service:
        text = f'{settings}\n{PROVIDER}base_url = "{service.url}/v1"\n{provider}\n'
        (folder / "gateway.toml").write_text(text)
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            yield gateway, service


def closing(*said: bytes) -> Play:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        for part in said:
            connection.sendall(part)
            # Parts must not arrive as one.
            threading.Event().wait(0.1)
        connection.shutdown(socket.SHUT_RDWR)

    return play


def resetting(said: bytes) -> Play:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(said)
        # What was sent must be read before the reset throws it away.
        threading.Event().wait(0.2)
        reset(connection)

    return play
