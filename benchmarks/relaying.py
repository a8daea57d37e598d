"""Relayed answers a second: the gateway beside a bare aiohttp proxy, before the same upstream.

Both run as one process on one core; the upstream answers at once with 58 events, about 20 kB, and
the requests are as long as those of Codex. Tokens and records are on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp

SECONDS = 2.0
BODY = json.dumps(
    {
        "model": "gpt-5.5",
        "stream": True,
        "instructions": "y" * 20_000,
        "input": [
            {"type": "message", "role": "developer", "content": "z" * 10_000},
            {"type": "message", "role": "user", "content": "hello"},
        ],
        "tools": [
            {"type": "function", "name": f"tool_{number}", "description": "d" * 150}
            for number in range(50)
        ],
    }
)
UPSTREAM = """
import asyncio, json
def event(name, **fields):
    return f"event: {name}\\ndata: {json.dumps({'type': name, **fields})}\\n\\n".encode()
events = [event("response.created", response={"id": "resp_1"})]
events += [event("response.output_text.delta", n=n, delta="x" * 250) for n in range(56)]
usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
events += [event("response.completed", response={"id": "resp_1", "usage": usage})]
chunks = b"".join(b"%x\\r\\n%b\\r\\n" % (len(e), e) for e in events)
answer = (b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n"
          b"Transfer-Encoding: chunked\\r\\n\\r\\n" + chunks + b"0\\r\\n\\r\\n")
class Service(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        head, found, body = self.data.partition(b"\\r\\n\\r\\n")
        size = int(head.lower().partition(b"content-length:")[2].split()[0]) if found else 0
        if found and len(body) >= size:
            self.data = body[size:]
            self.transport.write(answer)
async def main():
    server = await asyncio.get_running_loop().create_server(Service, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
BARE = """
import asyncio, sys
import aiohttp
from aiohttp import web
async def main():
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    async def handle(request):
        body = await request.read()
        headers = {"Content-Type": "application/json"}
        async with session.post(sys.argv[1], data=body, headers=headers) as answer:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
        return response
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
CONFIG = """
[[provider]]
name = "openai"
type = "openai"
upstream = "openai"
base_url = "{url}"
key_env = ["BENCH_KEY"]
"""


@contextlib.contextmanager
def running(core: int, *arguments: str, **environment: str) -> Iterator[str]:
    """Run Python on one core of the machine; yield the first line it prints."""
    command = [sys.executable, *arguments]
    if shutil.which("taskset"):
        command = ["taskset", "-c", str(core % (os.cpu_count() or 1)), *command]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline()
    finally:
        process.terminate()
        process.communicate()


async def load(url: str, headers: Mapping[str, str], clients: int) -> tuple[float, float]:
    """Return answers a second and the median milliseconds of one."""
    spent: list[float] = []
    until = time.perf_counter() + SECONDS

    async def client(session: aiohttp.ClientSession) -> None:
        while (began := time.perf_counter()) < until:
            async with session.post(url, data=BODY) as response:
                response.raise_for_status()
                await response.read()
            spent.append(time.perf_counter() - began)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        await asyncio.gather(*(client(session) for _ in range(clients)))
    return len(spent) / SECONDS, statistics.median(spent) * 1000


def relaying_rates(rounds: int, clients: int = 16) -> tuple[float, float]:
    """Return the median rates of the gateway and of the bare proxy, a second."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        port = stack.enter_context(running(1, "-c", UPSTREAM)).strip()
        base = f"http://127.0.0.1:{port}/v1"
        bare = stack.enter_context(running(0, "-c", BARE, f"{base}/responses")).strip()
        config = Path(folder, "gateway.toml")
        config.write_text(CONFIG.format(url=base))
        serve = ["-m", "provisioner", "gateway", "serve", "--port", "0", "--format", "json"]
        options = ["--config", str(config), "--state", folder]
        line = stack.enter_context(running(0, *serve, *options, BENCH_KEY="sk-bench"))
        ready = json.loads(line)
        ours = (
            f"{ready['url']}/openai/v1/responses",
            {"Authorization": f"Bearer {ready['token']}"},
        )
        other: tuple[str, Mapping[str, str]] = (f"http://127.0.0.1:{bare}/", {})
        pairs = [
            tuple(asyncio.run(load(url, headers, clients))[0] for url, headers in (ours, other))
            for _ in range(rounds)
        ]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)
