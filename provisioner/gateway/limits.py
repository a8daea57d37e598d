"""How many requests are served at the same time, and how many a second for each token."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

__all__ = ["ConcurrencyLimit", "RateLimit", "Verdict", "fits_rate"]


class Verdict(enum.Enum):
    """What becomes of a request."""

    SERVED = enum.auto()
    FULL = enum.auto()
    """As many as may be are being served."""
    TOO_MANY = enum.auto()
    """It is beyond what its token has in a second."""


class ConcurrencyLimit:
    """Counts requests that are being served; 0 allows any number."""

    def __init__(self, most: int) -> None:
        """Allow `most` at a time."""
        self._most = most
        self.running = 0

    def enter(self) -> bool:
        """Count one more request and say whether it may be served; `leave` in either case."""
        self.running += 1
        return not self._most or self.running <= self._most

    def leave(self) -> None:
        """Count one request less."""
        self.running -= 1


class RateLimit:
    """Counts requests by key in a window that slides over one second; 0 allows any number.

    What went before is taken as spread evenly over the second before, which is what Coder does.
    Memory is bounded by the requests of two seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `most` requests a second for each key."""
        self._most = most
        self._clock = clock
        self._window = 0
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def allows(self, key: str) -> bool:
        """Count a request of `key` and say whether it may be served; refused ones do not count."""
        if not self._most:
            return True
        moment = self._clock()
        window = int(moment)
        if window != self._window:
            self._before = self._now if window == self._window + 1 else {}
            self._now = {}
            self._window = window
        rest = 1 - (moment - window)
        count = self._now.get(key, 0)
        if not fits_rate(self._most, self._before.get(key, 0), count, rest):
            return False
        self._now[key] = count + 1
        return True

    def take_back(self, key: str) -> None:
        """Do not count a request of `key` that was allowed just now: somebody else refused it."""
        count = self._now.get(key, 0)
        if count:
            self._now[key] = count - 1


def fits_rate(most: int, before: int, count: int, rest: float) -> bool:
    """Say whether one more fits: `before` last second, of which `rest` is still in the window."""
    return not most or before * rest + count < most
