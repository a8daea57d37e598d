"""Clients that cost little themselves: raw bytes out, and an eye on the end of what comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.hops import Hop

__all__ = ["Load", "load", "megabytes", "open_streams", "watch"]

# As long as the requests of Codex.
_BODY = json.dumps(
    {
        "model": "gpt-5.5",
        "stream": True,
        "instructions": "y" * 20_000,
        "input": [
            {"type": "message", "role": "developer", "content": "z" * 10_000},
            {"type": "message", "role": "user", "content": "hello"},
        ],
        "tools": [
            {
                "type": "function",
                "name": f"tool_{number}",
                "description": "d" * 150,
                "parameters": {},
                "strict": False,
            }
            for number in range(50)
        ],
    }
).encode()
_END = b"0\r\n\r\n"
_AFTERWARDS_SECONDS = 0.2


@dataclass(frozen=True)
class Load:
    """Answers a second, milliseconds of each, and CPU milliseconds that the hop spent on one."""

    rate: float
    milliseconds: list[float]
    cpu: float


class _Client(asyncio.Protocol):
    """Asks again as soon as it has its answer, while `more` says so."""

    def __init__(
        self,
        hop: Hop,
        more: Callable[[float], bool],
        seen: Callable[[bytes], None] | None = None,
    ) -> None:
        lines = [
            f"POST {hop.path} HTTP/1.1",
            f"Host: 127.0.0.1:{hop.port}",
            "Content-Type: application/json",
            "Accept: text/event-stream",
            f"Content-Length: {len(_BODY)}",
            *(f"{name}: {value}" for name, value in hop.headers),
        ]
        self._request = "\r\n".join([*lines, "", ""]).encode() + _BODY
        self._hop, self._more, self._seen = hop, more, seen
        self._began = 0.0
        self._begun = False
        self._tail = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._begun, self._began = False, time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._begun:
            if not data.startswith(b"HTTP/1.1 200"):
                self._fail(data[:300].decode(errors="replace"))
                return
            self._begun = True
        if self._seen is not None:
            self._seen(data)
        self._tail = (self._tail + data)[-len(_END) - 1 :] if len(data) < 9 else data[-6:]
        if self._tail.endswith(_END):
            if self._more((time.perf_counter() - self._began) * 1000):
                self._ask()
            else:
                self._transport.close()
                if not self.done.done():
                    self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection is gone: {error}")

    def _fail(self, said: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"{self._hop.name}: {said}"))


async def _connected(hop: Hop, client: Callable[[], _Client]) -> _Client:
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(client, "127.0.0.1", hop.port)
    return made


async def load(hop: Hop, clients: int, seconds: float) -> Load:
    """Ask `hop` for some seconds, each client one request after the other."""
    spent: list[float] = []
    before, began = _cpu_seconds(hop.pid), time.perf_counter()

    def more(milliseconds: float) -> bool:
        spent.append(milliseconds)
        return time.perf_counter() < began + seconds

    asking = [await _connected(hop, lambda: _Client(hop, more)) for _ in range(clients)]
    await asyncio.gather(*(client.done for client in asking))
    rate = len(spent) / (time.perf_counter() - began)
    # What is written down afterwards is part of what an answer costs.
    await asyncio.sleep(_AFTERWARDS_SECONDS)
    cpu = (_cpu_seconds(hop.pid) - before) * 1000 / len(spent)
    return Load(rate, spent, cpu)


async def watch(hop: Hop, clients: int, seen: Callable[[bytes], None]) -> None:
    """Ask once with each of some clients; `seen` gets every piece of their answers at once."""
    asking = [
        await _connected(hop, lambda: _Client(hop, lambda _: False, seen)) for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for client in asking))


async def open_streams(hop: Hop, count: int, work: Callable[[], float]) -> float:
    """Return what `work` says once `count` streams have begun and go on."""
    begun = 0
    all_here = asyncio.Event()

    def seen(data: bytes) -> None:
        nonlocal begun
        begun += data.count(b"response.created") // 2
        if begun >= count:
            all_here.set()

    asking = [
        await _connected(hop, lambda: _Client(hop, lambda _: False, seen)) for _ in range(count)
    ]
    async with asyncio.timeout(120):
        await all_here.wait()
    result = work()
    for client in asking:
        client.done.cancel()
        client._transport.abort()  # noqa: SLF001 - the same module
    return result


def megabytes(pid: int) -> float:
    """Return how much memory a process has now."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads of a process so far, exact where the kernel tells it."""
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
