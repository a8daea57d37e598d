"""The memory of a gateway and of a bare proxy while many streams are open."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path

from benchmarks.asking import megabytes, open_streams
from benchmarks.hops import Hop, bare_proxy, gateway, upstream

__all__ = ["STREAMS", "memory_of_streams"]

STREAMS = 1_000
# What counts is what streams take while they are open, not the moment at which all of them came.
_SETTLED_SECONDS = 7.0


def memory_of_streams() -> tuple[float, float]:
    """Return the megabytes of the gateway and of the bare proxy with `STREAMS` open."""
    _more_files()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        held = stack.enter_context(upstream("held"))
        ours, bare = (
            stack.enter_context(gateway(held, folder)),
            stack.enter_context(bare_proxy(held)),
        )
        return _held(ours), _held(bare)


def _held(hop: Hop) -> float:
    def later() -> float:
        time.sleep(_SETTLED_SECONDS)
        return megabytes(hop.pid)

    return asyncio.run(open_streams(hop, STREAMS, later))


def _more_files() -> None:
    """Let this process and those it starts have a connection for each end of each stream."""
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * STREAMS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
