"""Counts over the last minute, as limits of requests and tokens need them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["MinuteCount"]

_SECONDS = 60


class MinuteCount:
    """A sum over the last sixty seconds, kept by the second."""

    __slots__ = ("_clock", "_counts", "_sum")

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start at zero; `clock` tells seconds."""
        self._clock = clock
        self._counts: deque[tuple[int, int]] = deque()
        self._sum = 0

    def add(self, count: int) -> None:
        """Count `count` more, now."""
        second = int(self._clock())
        self._sum += count
        if self._counts and self._counts[-1][0] == second:
            count += self._counts.pop()[1]
        self._counts.append((second, count))

    @property
    def value(self) -> int:
        """The sum; what is a minute old does not count."""
        oldest = int(self._clock()) - _SECONDS
        while self._counts and self._counts[0][0] <= oldest:
            self._sum -= self._counts.popleft()[1]
        return self._sum
