"""How many requests were counted for each of some subjects, this second and the one before.

Use it in a transaction that has the turn for limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, delete, select, text

from provisioner.gateway.limits import fits_rate
from provisioner.gateway.record.schema import rate_count

__all__ = ["RateCounts", "drop_old_counts"]

_SECOND = 1_000_000
_STORE = text(
    "INSERT INTO rate_count (subject, second, requests) VALUES (:subject, :second, :requests) "
    "ON CONFLICT (subject, second) DO UPDATE SET requests = excluded.requests"
)


class RateCounts:
    """The counts of some subjects at one moment."""

    def __init__(
        self, connection: Connection, subjects: Iterable[str], most: int, now: int
    ) -> None:
        """Read what is counted by `now`, microseconds since 1970; `most` requests a second fit."""
        self._connection = connection
        self._most = most
        self._second, passed = divmod(now, _SECOND)
        self._rest = 1 - passed / _SECOND
        self._before: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._counted: set[str] = set()
        wanted = set(subjects)
        if most and wanted:
            self._read(wanted)

    def _read(self, subjects: set[str]) -> None:
        table = rate_count
        recent = table.c.second.in_((self._second - 1, self._second))
        query = select(table).where(table.c.subject.in_(subjects), recent)
        for row in self._connection.execute(query):
            counts = self._now if row.second == self._second else self._before
            counts[row.subject] = row.requests

    def count(self, subject: str) -> bool:
        """Count one more request if it fits, and say whether it does."""
        if not fits_rate(self._most, self._before[subject], self._now[subject], self._rest):
            return False
        self._now[subject] += 1
        self._counted.add(subject)
        return True

    def store(self) -> None:
        """Write what was counted."""
        if self._most and self._counted:
            rows = [
                {"subject": subject, "second": self._second, "requests": self._now[subject]}
                # Always in the same order, as others may write them too.
                for subject in sorted(self._counted)
            ]
            self._connection.execute(_STORE, rows)


def drop_old_counts(connection: Connection, now: int) -> None:
    """Forget the seconds that no longer count."""
    oldest = now // _SECOND - 1
    connection.execute(delete(rate_count).where(rate_count.c.second < oldest))
