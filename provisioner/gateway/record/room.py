"""How much may be held at once: so many things, and so many bytes; the rest waits its turn."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Room"]


class Room:
    """Hands out room in the order of asking; use it on one event loop."""

    def __init__(self, limit: int, limit_bytes: int) -> None:
        """Hold at most `limit` things of `limit_bytes` together, or a single larger one."""
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._count = self._bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def take_now(self, weight: int) -> bool:
        """Take room for a thing of `weight` bytes if `take` would not wait; say whether."""
        if self._waiting or not self._fits(weight):
            return False
        self._hold(weight)
        return True

    async def take(self, weight: int) -> None:
        """Wait for room for a thing of `weight` bytes; cancelled means not taken."""
        if self.take_now(weight):
            return
        turn = asyncio.get_running_loop().create_future()
        entry = weight, turn
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                if entry in self._waiting:
                    self._waiting.remove(entry)
                self._wake()
            else:
                # Its turn came in the same moment.
                self.give_back(1, weight)
            raise

    def give_back(self, count: int, weight: int) -> None:
        """Take back the room of `count` things of `weight` bytes together."""
        self._count -= count
        self._bytes -= weight
        self._wake()

    def _fits(self, weight: int) -> bool:
        light = self._bytes + weight <= self._limit_bytes or not self._bytes
        return self._count < self._limit and light

    def _hold(self, weight: int) -> None:
        self._count += 1
        self._bytes += weight

    def _wake(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            weight, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._hold(weight)
                turn.set_result(None)
