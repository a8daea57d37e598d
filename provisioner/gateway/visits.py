"""A request in, whether it may be served out: by the limits of this process, then by all's."""

from __future__ import annotations

import time
from typing import Protocol

from provisioner.gateway.limits import ConcurrencyLimit, RateLimit, Verdict
from provisioner.gateway.record.tokens import token_hash

__all__ = ["Elsewhere", "Visit", "Visits"]


class Elsewhere(Protocol):
    """What counts requests with other gateways."""

    async def enter(self, subject: str) -> Verdict:
        """Say what becomes of a request that `subject` makes; `leave` when it was served."""

    def leave(self) -> None:
        """Count one request less."""


class Visits:
    """Every request that is being served."""

    def __init__(
        self, max_concurrency: int, rate_limit: int, shared: Elsewhere | None = None
    ) -> None:
        """Allow so many at a time, and a second for each token; 0 allows any number.

        `shared` counts them with other gateways, None for one that is alone.
        """
        self.concurrency = ConcurrencyLimit(max_concurrency)
        # Seconds begin for all at the same time, so that none counts less than it alone saw.
        self.rate = RateLimit(rate_limit, time.time if shared else time.monotonic)
        self.shared = shared

    @property
    def running(self) -> int:
        """How many there are."""
        return self.concurrency.running

    def begin(self) -> Visit:
        """Count one more; `end` it in any case."""
        return Visit(self)


class Visit:
    """One request, from its head to the end of its answer."""

    __slots__ = ("_is_shared", "_may_enter", "_visits")

    def __init__(self, visits: Visits) -> None:
        """Count it in this process."""
        self._visits = visits
        self._may_enter = visits.concurrency.enter()
        self._is_shared = False

    def judge(self, key: str) -> Verdict:
        """Say what becomes of it by what this process knows; `key` is what it is counted for."""
        if not self._may_enter:
            return Verdict.FULL
        return Verdict.SERVED if self._visits.rate.allows(key) else Verdict.TOO_MANY

    async def judge_together(self, key: str) -> Verdict:
        """Say what becomes of it by what all gateways know, once `judge` has let it in.

        Ask it for those who are known: nobody else shall make the database work.
        """
        shared = self._visits.shared
        if shared is None:
            return Verdict.SERVED
        verdict = await shared.enter(token_hash(key))
        if verdict is Verdict.SERVED:
            self._is_shared = True
        else:
            self._visits.rate.take_back(key)
        return verdict

    def end(self) -> None:
        """Count it no more."""
        self._visits.concurrency.leave()
        if self._is_shared and self._visits.shared is not None:
            self._visits.shared.leave()
