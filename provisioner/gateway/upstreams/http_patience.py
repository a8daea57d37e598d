"""How long an upstream may be silent, and how long it may take for all of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Patience"]


class Patience:
    """One timer for the answers of a connection; what arrives costs a look at the clock."""

    __slots__ = (
        "_deadline",
        "_due",
        "_is_over",
        "_loop",
        "_runs",
        "_seconds",
        "_since",
        "_timer",
        "is_waiting",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, is_over: Callable[[], None]) -> None:
        """Call `is_over` on `loop` when there is none left."""
        self._loop = loop
        self._is_over = is_over
        self._since = self._seconds = 0.0
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._runs = False
        self.is_waiting = True
        """Whether it is the upstream that is waited for."""

    def start(self, silent: float, total: float | None) -> None:
        """Allow so many seconds of silence from now on, and `total` seconds for everything."""
        self._since = self._loop.time()
        self._seconds = silent
        self._deadline = None if total is None else self._since + total
        self._runs = True
        until = self._until()
        # The timer of the answer before looks again when it is due, unless that is too late.
        if self._timer is not None and self._due > until:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._look_at(until)

    def heard(self) -> None:
        """Begin to count again: the upstream takes or says something."""
        self._since = self._loop.time()

    def rest(self) -> None:
        """Have all patience there is, until the next answer is waited for."""
        self._runs = False

    def end(self) -> None:
        """Have all patience there is, for ever."""
        self._runs = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _until(self) -> float:
        until = self._since + self._seconds
        return until if self._deadline is None else min(until, self._deadline)

    def _look_at(self, until: float) -> None:
        self._due = until
        self._timer = self._loop.call_at(until, self._watch)

    def _watch(self) -> None:
        self._timer = None
        if not self._runs:
            return
        now = self._loop.time()
        if not self.is_waiting:
            self._since = now
        until = self._until()
        if now < until:
            self._look_at(until)
        else:
            self._is_over()
