"""What every database of a gateway can do, whichever engine is behind it.

The queries are the same for all: functions of a connection, run in one transaction each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from provisioner.gateway.record.plain import Plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Database", "NotAtOnceError"]

Result = TypeVar("Result")


class NotAtOnceError(Exception):
    """A write would have to wait."""


class Database(Protocol):
    """Runs queries; every method raises `DatabaseAwayError` when a later try may succeed."""

    @property
    def name(self) -> str:
        """What messages call it; no credential is in it."""

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` reads, from one snapshot."""

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` says; what it writes survives a kill once this returns."""

    async def read_async(self, work: Callable[[Connection], Result]) -> Result:
        """Read without holding the event loop up."""

    async def write_async(self, work: Callable[[Connection], Result]) -> Result:
        """Write without holding the event loop up."""

    def write_plain(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write` does, with SQL as text."""

    async def read_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `read_async` does, with SQL as text."""

    async def write_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write_async` does, with SQL as text."""

    def write_at_once(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write_plain` does, on the event loop, where that takes next to no time.

        Raises `NotAtOnceError` where it would: then ask `write_plain_async`.
        """

    def close(self) -> None:
        """Let go of all connections."""
