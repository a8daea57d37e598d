"""Many streams on which nothing happens: each takes little, and a new client does not notice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

import pytest

from provisioner.gateway.record.model import Outcome
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, post
from tests.support.relayed import EVENT, OPEN, PROVIDER, chunk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

STREAMS = 1000
QUESTION = {"model": "m", "stream": True, "input": "hello"}
KIB_EACH = 60
"""Measured on 9,000 streams: 30, upstream's connection included."""


@contextlib.contextmanager
def descriptors(count: int):  # noqa: ANN201
    import resource  # noqa: PLC0415 - Unix alone has it

    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < count:
        pytest.skip(f"only {most} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, count), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


class Silent:
    """An upstream that begins streams and says nothing more; `open` is how many there are."""

    def __init__(self) -> None:
        self.open = 0

    async def __call__(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self.open += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await source.readuntil(b"\r\n\r\n")
            sink.write(OPEN + chunk(EVENT % 1))
            await source.read()
        await ended(sink)
        self.open -= 1


async def ended(sink: asyncio.StreamWriter) -> None:
    sink.close()
    with contextlib.suppress(OSError):
        await sink.wait_closed()


async def stream(gateway: RunningGateway) -> asyncio.StreamWriter:
    body = json.dumps(QUESTION)
    head = f"POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    source, sink = await asyncio.open_connection("127.0.0.1", gateway.port)
    sink.write(f"{head}Authorization: Bearer {gateway.token}\r\n\r\n{body}".encode())
    assert b" 200 " in await source.readuntil(b"\r\n\r\n")
    return sink


def memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def hold(gateway: RunningGateway, pid: int) -> None:
    lanes = asyncio.Semaphore(20)

    async def opened() -> asyncio.StreamWriter:
        async with lanes:
            return await stream(gateway)

    async with asyncio.timeout(SECONDS):
        before, files = memory(pid), open_files(pid)
        sinks = await asyncio.gather(*(opened() for _ in range(STREAMS)))
        assert memory(pid) - before < KIB_EACH * STREAMS
        assert open_files(pid) - files >= 2 * STREAMS
        reply = await asyncio.to_thread(post, gateway, QUESTION, "/own/v1/responses")
        assert (reply.status, b"response.completed" in reply.body) == (200, True)
        await asyncio.gather(*map(ended, sinks))
        while open_files(pid) > files + 20:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


def test_many_silent_streams(tmp_path: Path) -> None:
    async def run() -> None:
        silent = Silent()
        server = await asyncio.start_server(silent, "127.0.0.1", 0, backlog=STREAMS)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        own = '[[provider]]\nname = "own"\ntype = "openai"\nupstream = "scripted"\n'
        (tmp_path / "g.toml").write_text(f'{PROVIDER}base_url = "{url}/v1"\n{own}')
        options = ("--config", str(tmp_path / "g.toml"))
        with gateway_process(tmp_path / "state", *options) as (process, gateway):
            await hold(gateway, process.pid)
            deadline = time.monotonic() + SECONDS
            while any(record.outcome is Outcome.RUNNING for record in gateway.records()):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.2)
            outcomes = [record.outcome for record in gateway.records()]
        server.close()
        while silent.open:  # noqa: ASYNC110 - a count of connections
            await asyncio.sleep(0.05)
        assert outcomes.count(Outcome.CANCELLED) == STREAMS

    with descriptors(2 * STREAMS + 200):
        asyncio.run(run())
