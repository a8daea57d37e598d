"""The clock of the database, kept in mind between two looks at it."""

from __future__ import annotations

import time

__all__ = ["SharedTime"]

_SECOND = 1_000_000


class SharedTime:
    """Tells seconds since 1970 as the database does; hosts need not agree on the time."""

    def __init__(self) -> None:
        """Start with the time of this host."""
        self._ahead = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Return the time."""
        return time.monotonic() + self._ahead

    def heard(self, microseconds: int) -> None:
        """Learn what time the database has now."""
        self._ahead = microseconds / _SECOND - time.monotonic()
