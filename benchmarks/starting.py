"""From the start of a process to its first answer: the gateway beside a bare proxy."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.asking import watch
from benchmarks.hops import Hop, bare_proxy, gateway, upstream

__all__ = ["seconds_to_first_answer"]


def seconds_to_first_answer(rounds: int) -> tuple[float, float]:
    """Return the median seconds of the gateway, on a new state, and of the bare proxy.

    Both relay their first answer from the same upstream.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fast = stack.enter_context(upstream("fast"))
        found = []
        for number in range(rounds):
            state = folder / str(number)
            state.mkdir()
            pair = _seconds(gateway(fast, state)), _seconds(bare_proxy(fast))
            found.append(pair)
    return statistics.median(a for a, _ in found), statistics.median(b for _, b in found)


def _seconds(starting: contextlib.AbstractContextManager[Hop]) -> float:
    began = time.perf_counter()
    with starting as hop:
        asyncio.run(watch(hop, 1, lambda _: None))
        return time.perf_counter() - began
