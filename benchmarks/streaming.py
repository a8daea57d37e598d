"""Streamed answers a second: the reference gateway beside a bare aiohttp server, same bytes."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

CLIENTS = 16
SECONDS = 2.0
BODY = json.dumps(
    {
        "model": "gpt-5.5",
        "stream": True,
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Hello"}],
            }
        ],
    }
)
# Streams what it reads from standard input to everybody who asks.
BARE = """
import sys
from aiohttp import web
blocks = [block + b"\\n\\n" for block in sys.stdin.buffer.read().split(b"\\n\\n") if block]
async def handle(request):
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for block in blocks:
        await response.write(block)
    return response
async def main():
    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await __import__("asyncio").Event().wait()
__import__("asyncio").run(main())
"""


@contextmanager
def gateway() -> Iterator[tuple[str, str]]:
    """Run the gateway with its defaults; yield the URL to post to and a token."""
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "provisioner", "gateway", "serve"]
        command += ["--format", "json", "--port", "0", "--state", state]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            yield f"{ready['url']}/openai/v1/responses", ready["token"]
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def bare_server(stream: bytes, folder: Path) -> Iterator[str]:
    """Run a server that does nothing but send `stream`; yield its URL."""
    (folder / "stream").write_bytes(stream)
    with (folder / "stream").open("rb") as source:
        process = subprocess.Popen(
            [sys.executable, "-c", BARE], stdin=source, stdout=subprocess.PIPE, text=True
        )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


async def answer(url: str, token: str) -> bytes:
    """Return one whole streamed answer."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        response = await session.post(url, data=BODY)
        response.raise_for_status()
        return await response.read()


async def rate(url: str, token: str) -> float:
    """Return answers a second with `CLIENTS` clients, each one request after the other."""
    done = 0
    until = time.monotonic() + SECONDS

    async def client(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.monotonic() < until:
            async with session.post(url, data=BODY) as response:
                response.raise_for_status()
                await response.read()
                done += 1

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
    return done / SECONDS


def streaming_rates(rounds: int) -> tuple[float, float]:
    """Return the median rates of the gateway and of the bare server."""
    with tempfile.TemporaryDirectory() as folder, gateway() as (url, token):
        stream = asyncio.run(answer(url, token))
        with bare_server(stream, Path(folder)) as bare:
            pairs = [
                (asyncio.run(rate(url, token)), asyncio.run(rate(bare, token)))
                for _ in range(rounds)
            ]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
