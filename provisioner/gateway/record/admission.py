"""Which requests may be served, counted over all gateways on one database, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from provisioner.gateway.limits import Verdict
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.record.leases import drop_lapsed, free_of_the_dead, hold, others_hold
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.rates import RateCounts, drop_old_counts
from provisioner.gateway.record.turn import Turn, take_turn

__all__ = ["LEASE_SECONDS", "Admission", "count_together"]

LEASE_SECONDS = 10
"""After so long without a word of its gateway nobody holds a place any more."""

_SECOND = 1_000_000
_PLACES = "requests"


@dataclass(frozen=True, slots=True)
class Admission:
    """What there is to share out, and to whom: 0 allows any number."""

    identity: GatewayIdentity
    max_concurrency: int
    rate_limit: int


def count_together(
    connection: Connection,
    admission: Admission,
    running: int,
    subjects: Sequence[str],
    *,
    tidy: bool = False,
) -> list[Verdict]:
    """Return what becomes of the requests that `subjects` make, in their order.

    From now on this gateway holds a place for each of those that are served besides the `running`
    ones, and for no others. With `tidy`, what no longer counts is deleted.
    """
    now = take_turn(plain(connection), Turn.LIMITS)
    places = _Places(connection, admission, running, now)
    rates = RateCounts(connection, subjects, admission.rate_limit, now)
    verdicts = []
    for subject in subjects:
        if not places.is_free():
            verdicts.append(Verdict.FULL)
        elif not rates.count(subject):
            verdicts.append(Verdict.TOO_MANY)
        else:
            places.take()
            verdicts.append(Verdict.SERVED)
    places.store()
    rates.store()
    if tidy:
        drop_lapsed(connection, now)
        drop_old_counts(connection, now)
    return verdicts


class _Places:
    """The places of this gateway, and how many are left."""

    def __init__(
        self, connection: Connection, admission: Admission, running: int, now: int
    ) -> None:
        self._connection = connection
        self._most = admission.max_concurrency
        self._identity = admission.identity
        self._held = running
        self._now = now
        self._elsewhere: int | None = None

    def is_free(self) -> bool:
        if not self._most:
            return True
        if self._elsewhere is None:
            self._elsewhere = self._held_elsewhere()
            # Only then the dead matter.
            if not self._fits() and free_of_the_dead(self._connection, self._identity):
                self._elsewhere = self._held_elsewhere()
        return self._fits()

    def _held_elsewhere(self) -> int:
        return others_hold(self._connection, _PLACES, self._identity.id, self._now)

    def _fits(self) -> bool:
        return self._held + (self._elsewhere or 0) < self._most

    def take(self) -> None:
        self._held += 1

    def store(self) -> None:
        if self._most:
            lapses_at = self._now + LEASE_SECONDS * _SECOND
            identity = self._identity.id
            hold(self._connection, _PLACES, identity, self._held, lapses_at=lapses_at)
