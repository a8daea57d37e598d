"""How long an event takes through a hop, when the upstream sends one after the other.

The upstream writes into each event when it sent it; the clocks of all processes are the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.asking import watch
from benchmarks.hops import Hop, bare_proxy, gateway, on_core, upstream

__all__ = ["event_delays"]

_CLIENTS = 8
_SENT = re.compile(rb"<(\d+)>")


def event_delays(rounds: int) -> tuple[float, float]:
    """Return the median milliseconds that an event takes through the gateway and bare proxy."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slow = stack.enter_context(upstream("slow"))
        hops = stack.enter_context(gateway(slow, folder)), stack.enter_context(bare_proxy(slow))
        stack.enter_context(on_core())
        for hop in hops:
            _delays(hop)
        found = [tuple(statistics.median(_delays(hop)) for hop in hops) for _ in range(rounds)]
    return statistics.median(a for a, _ in found), statistics.median(b for _, b in found)


def _delays(hop: Hop) -> list[float]:
    found: list[float] = []

    def seen(data: bytes) -> None:
        now = time.perf_counter_ns()
        found.extend((now - int(sent)) / 1e6 for sent in _SENT.findall(data))

    asyncio.run(watch(hop, _CLIENTS, seen))
    return found
