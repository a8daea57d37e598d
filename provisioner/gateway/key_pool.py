"""A provider's own keys, and which of them may be used now.

Always the first key that is not cooling down; one that is refused (401) or limited (429) cools
down for as long as the upstream says, else for a minute. Source: Coder's AI Gateway from 2.35.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from provisioner.redact import Secret

__all__ = ["Key", "KeyPool", "PoolWatch", "retry_after_seconds"]

_COOLDOWN_SECONDS = 60.0
_REJECTED, _LIMITED = 401, 429


class Key(Struct):
    """One key and when it may be used again."""

    secret: Secret
    until: float = 0.0
    limited: bool = False


class PoolWatch(Protocol):
    """Is told what happens to the keys of a pool, to count it."""

    def refused(self, status: int) -> None:
        """Hear that the upstream answered `status` to a key."""

    def tried(self, count: int) -> None:
        """Hear how many keys a request was sent with."""

    def exhausted(self, *, limited: bool) -> None:
        """Hear that no key was left, and whether one is only `limited`."""


class KeyPool:
    """The keys of one provider, best first."""

    def __init__(self, keys: Sequence[Secret], clock: Callable[[], float] = time.monotonic) -> None:
        """Start with all of `keys` usable; `clock` tells seconds."""
        self.keys = tuple(Key(secret) for secret in keys)
        self._clock = clock
        self.told: Callable[[Key, float], None] | None = None
        """Is told of a key that begins to cool down, and for how many seconds."""
        self.watch: PoolWatch | None = None

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self.keys)

    def usable(self) -> Iterator[Key]:
        """Yield the keys that are not cooling down when their turn comes."""
        for key in self.keys:
            if key.until <= self._clock():
                yield key

    def refused(self, key: Key, status: int, retry_after: float) -> bool:
        """Say whether `status` speaks against `key` and not against the request.

        Then the key cools down for `retry_after` seconds, or a minute if that is 0.
        """
        if status not in (_REJECTED, _LIMITED):
            return False
        pause = retry_after if status == _LIMITED and retry_after > 0 else _COOLDOWN_SECONDS
        self.pause(key, pause, limited=status == _LIMITED)
        if self.told is not None:
            self.told(key, pause)
        if self.watch is not None:
            self.watch.refused(status)
        return True

    def tried(self, count: int) -> None:
        """Take note of a request that was sent with `count` keys, one after another."""
        if self.watch is not None:
            self.watch.tried(count)

    def pause(self, key: Key, seconds: float, *, limited: bool) -> None:
        """Leave `key` alone for `seconds`; a longer pause is not cut short."""
        key.until = max(key.until, self._clock() + seconds)
        key.limited = limited

    def exhausted(self) -> tuple[bool, int]:
        """Return whether any key is only limited, and in how many seconds the first one is back."""
        pause = min(key.until for key in self.keys) - self._clock()
        limited = any(key.limited for key in self.keys)
        if self.watch is not None:
            self.watch.exhausted(limited=limited)
        return limited, max(1, math.ceil(pause))


def retry_after_seconds(value: str) -> float:
    """Return the seconds in a Retry-After header; 0 for a date or nonsense."""
    return float(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0.0
