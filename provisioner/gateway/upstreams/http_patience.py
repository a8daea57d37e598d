"""How long an upstream may be silent, and how long it may take for all of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Patience"]


class Patience:
    """One timer for an answer; what arrives costs a look at the clock."""

    __slots__ = ("_deadline", "_is_over", "_loop", "_seconds", "_since", "_timer", "is_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, is_over: Callable[[], None]) -> None:
        """Call `is_over` on `loop` when there is none left."""
        self._loop = loop
        self._is_over = is_over
        self._since = self._seconds = 0.0
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_waiting = True
        """Whether it is the upstream that is waited for."""

    def start(self, silent: float, total: float | None) -> None:
        """Allow so many seconds of silence from now on, and `total` seconds for everything."""
        self._since = self._loop.time()
        self._seconds = silent
        self._deadline = None if total is None else self._since + total
        self._watch()

    def heard(self) -> None:
        """Begin to count again: the upstream takes or says something."""
        self._since = self._loop.time()

    def stop(self) -> None:
        """Have all patience there is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self) -> None:
        now = self._loop.time()
        if not self.is_waiting:
            self._since = now
        until = self._since + self._seconds
        if self._deadline is not None:
            until = min(until, self._deadline)
        if now < until:
            self._timer = self._loop.call_at(until, self._watch)
        else:
            self._is_over()
