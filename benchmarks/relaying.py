"""Relayed answers: the gateway beside a bare aiohttp proxy and our peers, before one upstream.

Everybody serves the same requests, as long as those of Codex, on one core; the upstream answers
with 58 events, about 20 kB, at once. Tokens and records are on.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import Sequence
from operator import truediv
from pathlib import Path

from benchmarks.asking import Load, load
from benchmarks.hops import Hop, bare_proxy, gateway, on_core, peers, upstream

__all__ = ["Rates", "added_latency", "policy_cost", "relaying_rates"]

# The speed of a machine changes within seconds, and so does what is asked of it: rounds are short,
# many, and compared with those beside them. Two processes of one program differ as well, by where
# their memory happens to lie: what differs little is compared among several of each.
_SECONDS = 0.5
_PARTS = 4
_PROCESSES = 4
# One process adds up to a seventh more than another one of the same program.
_PAIRS = 8
_WARM_SECONDS = 0.5
# The slow ones take their time.
_PEER_ROUNDS = 3
_PEER_SECONDS = 2.0
# Coder's deployments have budgets from this one on; key pools fail over there too.
_ERA = 'era = "2.36"\n'
# One in money for each user, one in tokens for everybody; neither is ever spent.
_BUDGETS = f"""{_ERA}
[[budget]]
name = "user"
scope = "principal"
window = "day"
limit_usd = 1000000
[[budget]]
name = "all"
scope = "organization"
window = "month"
limit_tokens = 1000000000000
"""

Rates = dict[str, tuple[float, float]]
"""Name of a hop → answers a second, CPU milliseconds of one."""


def relaying_rates(rounds: int, clients: int = 16) -> Rates:
    """Return the medians of everybody who is there."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fast = stack.enter_context(upstream("fast"))
        ours = [
            stack.enter_context(gateway(fast, folder)),
            stack.enter_context(bare_proxy(fast)),
        ]
        others = stack.enter_context(peers(fast, folder))
        stack.enter_context(on_core())
        found = _rounds(ours, rounds * _PARTS, clients)
        for peer in others:
            try:
                found |= _rounds([peer], _PEER_ROUNDS, clients, _PEER_SECONDS)
            except RuntimeError as error:
                print(f"left out, as it does not answer: {error}")
    return {
        name: (
            statistics.median(load.rate for load in loads),
            statistics.median(load.cpu for load in loads),
        )
        for name, loads in found.items()
    }


def policy_cost(rounds: int, clients: int = 16) -> tuple[float, float]:
    """Return the CPU milliseconds of an answer with budgets, and without any policy."""
    judged: list[float] = []
    free: list[float] = []
    for _ in range(_PROCESSES):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            fast = stack.enter_context(upstream("fast"))
            hops = [
                stack.enter_context(gateway(fast, folder / "with", _BUDGETS, "judged")),
                stack.enter_context(gateway(fast, folder / "without", _ERA, "free")),
            ]
            stack.enter_context(on_core())
            found = _rounds(hops, -(-rounds * _PARTS // _PROCESSES), clients)
        for values, loads in zip((judged, free), found.values(), strict=True):
            values += [load.cpu for load in loads]
    return _beside(judged, free)


def added_latency(rounds: int) -> tuple[float, float]:
    """Return the median milliseconds that the gateway and the bare proxy add for one client."""
    added: list[float] = []
    of_bare: list[float] = []
    for _ in range(_PAIRS):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            fast = stack.enter_context(upstream("fast"))
            hops = [
                stack.enter_context(gateway(fast, folder)),
                stack.enter_context(bare_proxy(fast)),
                fast,
            ]
            stack.enter_context(on_core())
            found = _rounds(hops, -(-rounds * _PARTS // _PAIRS), 1)
        ours, bare, direct = (
            [statistics.median(load.milliseconds) for load in loads] for loads in found.values()
        )
        added += [mine - none for mine, none in zip(ours, direct, strict=True)]
        of_bare += [mine - none for mine, none in zip(bare, direct, strict=True)]
    return statistics.median(added), statistics.median(of_bare)


def _rounds(
    hops: Sequence[Hop], rounds: int, clients: int, seconds: float = _SECONDS
) -> dict[str, list[Load]]:
    for hop in hops:
        asyncio.run(load(hop, clients, _WARM_SECONDS))
    found: dict[str, list[Load]] = {hop.name: [] for hop in hops}
    for _ in range(rounds):
        for hop in hops:
            found[hop.name].append(asyncio.run(load(hop, clients, seconds)))
    return found


def _beside(ours: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return the median of `other`, and before it ours as it was beside that in each round."""
    middle = statistics.median(other)
    return middle * statistics.median(map(truediv, ours, other)), middle
