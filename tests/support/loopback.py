"""Small servers on loopback that answer as a test says, or never."""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Request", "Server", "Told", "closed_port", "serving", "silent_server"]

Told = tuple[int, Mapping[str, str], str]
"""Status, headers and body of an answer."""


@dataclass(frozen=True)
class Request:
    """What a server was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass
class Server:
    """Where a server listens, and what it was asked so far."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextlib.contextmanager
def serving(
    tell: Callable[[Request], Told], context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Answer every request with what `tell` returns; over TLS when there is a `context`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            request = Request(self.command, self.path, headers, body)
            server.requests.append(request)
            status, told, text = tell(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text.encode())), **told}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        # The base class wants these names.
        do_GET = do_HEAD = do_PATCH = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.handle_error = lambda *_: None  # type: ignore[method-assign]
    if context is not None:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    scheme = "http" if context is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@contextlib.contextmanager
def silent_server(said: bytes = b"", drip: bytes = b"") -> Iterator[str]:
    """Accept connections, send `said`, and then nothing, or `drip` again and again."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    threads: list[threading.Thread] = []

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.sendall(said)
            while not over.wait(0.05):
                connection.sendall(drip)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threads.append(threading.Thread(target=talk, args=listener.accept()[:1]))
                threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


def closed_port() -> str:
    """Return the URL of a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
