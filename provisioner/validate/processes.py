"""One function over many items, by several processes where that pays."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

__all__ = ["mapped"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def mapped(
    function: Callable[[_Item], _Result], items: Sequence[_Item], workers: int, at_a_time: int
) -> Iterator[_Result]:
    """Yield what `function` makes of each item, in order; by processes for two workers or more."""
    if workers < 2:
        yield from map(function, items)
        return
    import multiprocessing  # noqa: PLC0415 - seldom needed, and costs start-up time
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    context = multiprocessing.get_context("fork" if _may_fork() else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(function, items, chunksize=at_a_time)


def _may_fork() -> bool:
    """Say whether a copy of this process works as it does, which spares it all the imports.

    Neither threads nor the Go runtime, which reads Terraform's syntax, survive a fork.
    """
    is_alone = threading.active_count() == 1 and "pygohcl" not in sys.modules
    return sys.platform == "linux" and is_alone
