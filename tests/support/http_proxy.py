"""An HTTP proxy on loopback: tunnels and forwards, or refuses, with or without a login."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Proxy", "http_proxy"]


@dataclass
class Proxy:
    """Where a proxy listens, and the heads it got."""

    url: str
    heads: list[str] = field(default_factory=list)


@contextlib.contextmanager
def http_proxy(login: str = "", answer: bytes | None = None) -> Iterator[Proxy]:
    """Let those through whose `Proxy-Authorization` is `login`; `answer` is said in its place.

    An empty answer is none at all.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []
    over = threading.Event()

    def talk(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(1)
            proxy.heads.append(head.decode("latin-1"))
            if answer is not None:
                client.sendall(answer)
                over.wait(30 if not answer else 0)
            elif login and f"Proxy-Authorization: {login}\r\n" not in proxy.heads[-1]:
                realm = b'Proxy-Authenticate: Basic realm="company"\r\n'
                client.sendall(b"HTTP/1.1 407 No\r\n" + realm + b"Content-Length: 0\r\n\r\n")
            else:
                _carry(client, head)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threads.append(threading.Thread(target=talk, args=listener.accept()[:1]))
                threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield proxy
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(30)


def _carry(client: socket.socket, head: bytes) -> None:
    method, target, _ = head.split(b" ", 2)
    place = target.decode() if method == b"CONNECT" else urlsplit(target.decode()).netloc
    host, _, port = place.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as server:
        if method == b"CONNECT":
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            server.sendall(head)
        while True:
            for source in select.select([client, server], [], [], 30)[0]:
                data = source.recv(65536)
                if not data:
                    return
                (server if source is client else client).sendall(data)
