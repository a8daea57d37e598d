"""What a gateway does besides answering: say that it lives, end what others left, forget, trim."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from provisioner.gateway.auth import Authenticator
from provisioner.gateway.memory import give_back
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import RATE_PREFIX, book_abandoned, delete_accounts
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity, end_interrupted, say_alive
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.retention import delete_before
from provisioner.gateway.record.stored import microseconds
from provisioner.gateway.record.threads import link_late
from provisioner.gateway.record.tokens import note_use

__all__ = ["Upkeep"]

_BEAT_SECONDS = 5.0
_LATE = timedelta(minutes=10)
_RATES_KEPT = timedelta(days=2)
_ACCOUNTS_KEPT = timedelta(days=400)
# Nothing is reserved for longer, whoever reserved it.
_LONGEST_ANSWER = timedelta(days=1)
_BETWEEN_DELETIONS = timedelta(hours=1)

_log = logging.getLogger(__name__)


class Upkeep:
    """Beats every few seconds until it is stopped; a database that is away is left alone."""

    def __init__(
        self,
        database: Database,
        identity: GatewayIdentity,
        authenticator: Authenticator,
        *,
        retention_days: int,
    ) -> None:
        """Look after `database`; interceptions older than `retention_days` go, 0 keeps all."""
        self._database = database
        self._identity = identity
        self._authenticator = authenticator
        self._retention_days = retention_days
        self._deleted_at = datetime.min.replace(tzinfo=UTC)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; call it on the event loop. The first word is out when this returns."""
        with suppress(DatabaseAwayError):
            await self._database.write_async(
                lambda connection: say_alive(connection, self._identity)
            )
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, also in the middle."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._beat()
            except DatabaseAwayError:
                pass
            except Exception as error:  # noqa: BLE001 - the next beat may do better
                _log.error("upkeep failed: %s", type(error).__name__)
            await asyncio.sleep(_BEAT_SECONDS)
            await asyncio.to_thread(give_back)

    async def _beat(self) -> None:
        ended = await self._database.write_async(self._tell_and_tidy)
        if ended:
            _log.warning("%d interceptions of a gateway that was killed were ended", ended)
        await self._forget_old()

    def _tell_and_tidy(self, connection: Connection) -> int:
        say_alive(connection, self._identity)
        note_use(plain(connection), self._authenticator.take_used())
        now = datetime.now(UTC)
        link_late(connection, now - _LATE)
        ended = end_interrupted(connection, self._identity)
        book_abandoned(connection, microseconds(now - _LONGEST_ANSWER))
        return ended

    async def _forget_old(self) -> None:
        now = datetime.now(UTC)
        if now - self._deleted_at < _BETWEEN_DELETIONS:
            return
        oldest = now - timedelta(days=self._retention_days)
        # A small transaction at a time: writers come between them.
        deleted = 1 if self._retention_days else 0
        while deleted:
            deleted = await self._database.write_async(lambda c: delete_before(c, oldest))
            await asyncio.sleep(0)
        await self._database.write_async(lambda c: _forget_accounts(c, now))
        self._deleted_at = now


def _forget_accounts(connection: Connection, now: datetime) -> None:
    """Forget what counts no more: rates soon, what was spent after more than a year."""
    for prefix, kept in ((RATE_PREFIX, _RATES_KEPT), ("", _ACCOUNTS_KEPT)):
        delete_accounts(connection, prefix, microseconds(now - kept))
