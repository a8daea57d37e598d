"""Requests and tokens a minute: of each credential, and of each model at a credential.

Counts are of one process: several workers or gateways allow as many times as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from provisioner.gateway.router.minute import MinuteCount

__all__ = ["Limit", "RouterLimits"]


@dataclass(frozen=True, slots=True)
class Limit:
    """How many requests and tokens; -1 is any number."""

    rpm: int
    tpm: int


@dataclass(slots=True)
class _Counted:
    limit: Limit
    requests: MinuteCount
    tokens: MinuteCount

    def has_room(self) -> bool:
        rpm, tpm = self.limit.rpm, self.limit.tpm
        return (rpm < 0 or self.requests.value < rpm) and (tpm < 0 or self.tokens.value < tpm)


class RouterLimits:
    """All counts; a subject is a credential, or a credential and a model."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with no subject; `clock` tells seconds."""
        self._clock = clock
        self._counted: dict[tuple[str, ...], _Counted] = {}

    def add(self, limit: Limit, *subject: str) -> None:
        """Count `subject`, and hold it to `limit`; the first one that is said holds."""
        clock = self._clock
        counted = _Counted(limit, MinuteCount(clock), MinuteCount(clock))
        self._counted.setdefault(subject, counted)

    def take(self, credential: str, model: str) -> bool:
        """Count one more request of both, if both have room, and say whether they do."""
        both = self._both(credential, model)
        if not all(counted.has_room() for counted in both):
            return False
        for counted in both:
            counted.requests.add(1)
        return True

    def give_back(self, credential: str, model: str) -> None:
        """Count a request less of both: it was taken just now, and is not made."""
        for counted in self._both(credential, model):
            counted.requests.add(-1)

    def spend(self, credential: str, model: str, tokens: int) -> None:
        """Count what an answer took."""
        if tokens > 0:
            for counted in self._both(credential, model):
                counted.tokens.add(tokens)

    def state(self, *subject: str) -> tuple[int, int, Limit]:
        """Return requests and tokens of the last minute, and the limit."""
        counted = self._counted[subject]
        return counted.requests.value, counted.tokens.value, counted.limit

    def _both(self, credential: str, model: str) -> list[_Counted]:
        subjects = ((credential,), (credential, model))
        return [self._counted[subject] for subject in subjects if subject in self._counted]
