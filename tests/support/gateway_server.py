"""The real gateway on a loopback port, in a thread or a process, and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner.gateway.config import configured
from provisioner.gateway.providers import Provider
from provisioner.gateway.record.model import InterceptionRecord
from provisioner.gateway.record.store import read_interceptions
from provisioner.gateway.server import GatewayServer, Ready

__all__ = ["Reply", "RunningGateway", "gateway_process", "post", "running_gateway", "send"]

SECONDS = 30


@dataclass(frozen=True)
class RunningGateway:
    """Where a gateway of this test listens; `token` is "" when it made none."""

    port: int
    token: str
    state: Path

    def records(self) -> tuple[InterceptionRecord, ...]:
        """Return what is recorded by now, newest first."""
        return read_interceptions(self.state)

    def ended(self, count: int) -> tuple[InterceptionRecord, ...]:
        """Wait until the end of `count` interceptions is stored and return all, newest first."""
        deadline = time.monotonic() + SECONDS
        while sum(record.ended_at is not None for record in self.records()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self.records()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}


@dataclass(frozen=True)
class Reply:
    """A whole HTTP answer, body de-chunked."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@contextlib.contextmanager
def running_gateway(
    state: Path, config_file: Path | None = None, providers: Mapping[str, Provider] | None = None
) -> Iterator[RunningGateway]:
    """Run a gateway in a thread with an event loop of its own; on exit all records are written."""
    config = configured(config_file, host=None, port=0)
    runner = _Runner(GatewayServer(config, state, providers))
    try:
        ready = runner.ready()
        token = ready.token.reveal() if ready.token else ""
        yield RunningGateway(int(ready.url.rsplit(":", 1)[1]), token, ready.state)
    finally:
        runner.stop()


class _Runner:
    """A gateway on the event loop of a thread."""

    def __init__(self, server: GatewayServer) -> None:
        self._server = server
        self._up = threading.Event()
        self._ready: Ready | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._thread.start()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._told_to_stop = asyncio.Event()
        try:
            self._ready = await self._server.start()
        finally:
            self._up.set()
        await self._told_to_stop.wait()
        await self._server.stop()

    def ready(self) -> Ready:
        assert self._up.wait(SECONDS)
        assert self._ready is not None
        return self._ready

    def stop(self) -> None:
        if self._ready is not None:
            self._loop.call_soon_threadsafe(self._told_to_stop.set)
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def gateway_process(
    state: Path, *options: str, program: Sequence[str] = ("provisioner",)
) -> Iterator[tuple[subprocess.Popen[str], RunningGateway]]:
    """Run `provisioner gateway serve` on a free port; it is killed on exit if still there.

    `program` is the module to run in its place, with what it wants in front.
    """
    command = [sys.executable, "-m", *program, "gateway", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--state", str(state), "--format", "json", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            port = int(ready["url"].rsplit(":", 1)[1])
            yield process, RunningGateway(port, ready["token"] or "", Path(ready["state"]))
        finally:
            process.kill()


def send(gateway: RunningGateway, raw: bytes) -> Reply:
    """Send the bytes `raw` as they are and read one answer."""
    method = raw.split(b" ", 1)[0].decode()
    with gateway.connect() as connection:
        connection.sendall(raw)
        with contextlib.closing(http.client.HTTPResponse(connection, method=method)) as response:
            response.begin()
            return Reply(response.status, response.headers, response.read())


def post(
    gateway: RunningGateway,
    body: bytes | Mapping[str, object],
    path: str = "/openai/v1/responses",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send a POST; without `headers` with the gateway's own token."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = gateway.headers() if headers is None else headers
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", path, content, dict(sent))
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
