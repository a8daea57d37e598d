"""What a request can pass through on its way to one upstream: a bare proxy, us, our peers.

Each is one process on the first core of the machine; the upstream and the clients share the
second one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Hop", "bare_proxy", "gateway", "on_core", "peers", "upstream"]

_SERVED, _ASKING = 0, 1
_START_SECONDS = 120
# Events as an upstream sends them, all at once, one by one, or one and then nothing for long.
_UPSTREAM = """
import asyncio, json, sys, time
def event(name, **fields):
    data = f"event: {name}\\ndata: {json.dumps({'type': name, **fields})}\\n\\n".encode()
    return b"%x\\r\\n%b\\r\\n" % (len(data), data)
head = (b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n"
        b"Transfer-Encoding: chunked\\r\\n\\r\\n")
usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
done = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-5.5", "output": [],
        "status": "completed", "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
first = event("response.created", response={**done, "status": "in_progress"})
def delta(n, text):
    return event("response.output_text.delta", item_id="i", output_index=0, content_index=0,
                 sequence_number=n, delta=text)
last = event("response.completed", response={**done, "usage": usage}) + b"0\\r\\n\\r\\n"
answer = head + first + b"".join(delta(n, "x" * 250) for n in range(56)) + last
class Service(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        found = self.data.find(b"\\r\\n\\r\\n") + 4
        if found < 4:
            return
        head = self.data[:found].lower()
        if b"chunked" in head:
            if not self.data.endswith(b"0\\r\\n\\r\\n"):
                return
            self.data = b""
        else:
            size = int((head.partition(b"content-length:")[2].split() or [0])[0])
            if len(self.data) < found + size:
                return
            self.data = self.data[found + size:]
        if sys.argv[1] == "fast":
            self.transport.write(answer)
        else:
            self.task = asyncio.create_task(self.slowly())
    async def slowly(self):
        self.transport.write(head + first)
        if sys.argv[1] == "held":
            await asyncio.sleep(3600)
        for n in range(56):
            await asyncio.sleep(0.01)
            self.transport.write(delta(n, f"<{time.perf_counter_ns()}>" + "x" * 200))
        await asyncio.sleep(0.01)
        self.transport.write(last)
async def main():
    server = await asyncio.get_running_loop().create_server(
        Service, "127.0.0.1", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
_BARE = """
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
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=2000).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
_CONFIG = """
[[provider]]
name = "openai"
type = "openai"
upstream = "openai"
base_url = "{base}"
key_env = ["BENCH_KEY"]
"""
_LITELLM = """
model_list:
  - model_name: gpt-5.5
    litellm_params: {{model: openai/gpt-5.5, api_base: "{base}", api_key: sk-bench}}
general_settings: {{master_key: sk-bench}}
"""


@dataclass(frozen=True)
class Hop:
    """Where to post to, with which headers, and the process that answers."""

    name: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...]
    pid: int


def _command(core: int, arguments: Sequence[str]) -> list[str]:
    pinned = ["taskset", "-c", str(core % (os.cpu_count() or 1))]
    return [*pinned, *arguments] if shutil.which("taskset") else [*arguments]


@contextlib.contextmanager
def _running(
    core: int, *arguments: str, quiet: bool = False, **environment: str
) -> Iterator[tuple[int, str]]:
    """Run a program; yield its number and the first line it prints, empty for a quiet one."""
    process = subprocess.Popen(
        _command(core, arguments),
        stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process.pid, process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.terminate()
        process.communicate()


@contextlib.contextmanager
def on_core(core: int = _ASKING) -> Iterator[None]:
    """Keep this process to one core meanwhile."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def upstream(kind: str) -> Iterator[Hop]:
    """Run an upstream that answers `fast`, `slow` or is `held`."""
    with _running(_ASKING, sys.executable, "-c", _UPSTREAM, kind) as (pid, port):
        yield Hop("no hop", int(port), "/v1/responses", (), pid)


@contextlib.contextmanager
def bare_proxy(before: Hop) -> Iterator[Hop]:
    """Run a proxy of a few lines of aiohttp."""
    url = f"http://127.0.0.1:{before.port}{before.path}"
    with _running(_SERVED, sys.executable, "-c", _BARE, url) as (pid, port):
        yield Hop("bare aiohttp proxy", int(port), "/v1/responses", (), pid)


@contextlib.contextmanager
def gateway(before: Hop, folder: Path, more: str = "", name: str = "gateway") -> Iterator[Hop]:
    """Run the gateway, with tokens, records and `more`, on state in the new folder `folder`."""
    folder.mkdir(exist_ok=True)
    config = folder / "gateway.toml"
    config.write_text(more + _CONFIG.format(base=f"http://127.0.0.1:{before.port}/v1"))
    serve = [sys.executable, "-m", "provisioner", "gateway", "serve", "--port", "0"]
    options = ["--format", "json", "--config", str(config), "--state", str(folder / "state")]
    with _running(_SERVED, *serve, *options, BENCH_KEY="sk-bench") as (pid, line):
        ready = json.loads(line)
        token = (("Authorization", f"Bearer {ready['token']}"),)
        port = int(ready["url"].rpartition(":")[2])
        yield Hop(name, port, "/openai/v1/responses", token, pid)


@contextlib.contextmanager
def peers(before: Hop, folder: Path) -> Iterator[list[Hop]]:
    """Run those of our peers that are installed where the environment says."""
    base = f"http://127.0.0.1:{before.port}/v1"
    key = ("Authorization", "Bearer sk-bench")
    with contextlib.ExitStack() as stack:
        found: list[Hop] = []
        if modules := os.environ.get("BENCH_PORTKEY"):
            server = Path(modules, "node_modules/@portkey-ai/gateway/build/start-server.js")
            port = _free_port()
            command = ["node", str(server), f"--port={port}", "--headless"]
            pid = _quiet(stack, port, command)
            to = (("x-portkey-provider", "openai"), ("x-portkey-custom-host", base))
            found.append(Hop("Portkey", port, "/v1/responses", (key, *to), pid))
        if python := os.environ.get("BENCH_LITELLM"):
            config = folder / "litellm.yaml"
            config.write_text(_LITELLM.format(base=base))
            port = _free_port()
            command = [str(Path(python).with_name("litellm")), "--config", str(config)]
            pid = _quiet(stack, port, [*command, "--host", "127.0.0.1", "--port", str(port)])
            found.append(Hop("LiteLLM", port, "/v1/responses", (key,), pid))
        yield found


def _quiet(stack: contextlib.ExitStack, port: int, command: Sequence[str]) -> int:
    """Run a server that says nothing of use, wait until it listens; return its number."""
    told = {"LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False", "NODE_ENV": "production"}
    pid, _ = stack.enter_context(_running(_SERVED, *command, quiet=True, **told))
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return pid
        time.sleep(0.2)
    raise TimeoutError(f"{command[0]} does not listen")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
