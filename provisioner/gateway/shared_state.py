"""What a gateway shares with the others on its database: limits, circuits, bans, paused keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from provisioner.gateway.circuit import Breakers, CircuitState
from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.providers import Provider
from provisioner.gateway.record.admission import Admission
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.bans import drop_old_bans
from provisioner.gateway.record.circuits import drop_old_circuits
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.record.key_pauses import (
    KeyPause,
    changed_key_pauses,
    drop_old_key_pauses,
)
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.sockets import SocketShare
from provisioner.gateway.record.turn import database_time
from provisioner.gateway.router.bans import Bans
from provisioner.gateway.shared_bans import BanNews, SharedBans
from provisioner.gateway.shared_circuits import SharedCircuits
from provisioner.gateway.shared_keys import SharedKeys
from provisioner.gateway.shared_limits import SharedLimits
from provisioner.gateway.shared_sockets import SharedSockets
from provisioner.gateway.shared_time import SharedTime
from provisioner.gateway.websocket import MOST_SOCKETS, MOST_SOCKETS_OF_USER

__all__ = ["SharedState"]

_LOOK_SECONDS = 0.5
_MICROSECONDS = 1_000_000
# What was heard twice does no harm; a clock that was set back must not hide anything.
_AGAIN = 60 * _MICROSECONDS
_OLD = 3600 * _MICROSECONDS
_BETWEEN_DELETIONS = 600 * _MICROSECONDS

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _News:
    now: int
    circuits: Mapping[str, CircuitState]
    pauses: Iterable[KeyPause]
    bans: BanNews | None


class SharedState:
    """What all gateways on one database know, seen from one of them; use it on one event loop."""

    def __init__(
        self,
        config: GatewayConfig,
        database: Database,
        identity: GatewayIdentity,
        providers: Iterable[Provider],
        *,
        bans: Bans | None = None,
        workers: str = "",
    ) -> None:
        """Share what `config` limits and what `providers` and `bans` learn.

        `workers` is what all workers of one gateway call themselves, empty for one without.
        """
        self._database = database
        self._clock = SharedTime()
        admission = Admission(identity, config.max_concurrency, config.rate_limit)
        is_limited = bool(config.max_concurrency or config.rate_limit)
        breaker = config.circuit_breaker
        self.limits = SharedLimits(database, admission) if is_limited else None
        self.sockets: SharedSockets | None = None
        if workers and config.relay.websockets:
            share = SocketShare(identity, workers, MOST_SOCKETS, MOST_SOCKETS_OF_USER)
            self.sockets = SharedSockets(database, share)
        self._circuits = SharedCircuits(breaker, database, self._clock) if breaker.enabled else None
        self._keys = SharedKeys(database)
        self._bans = None if bans is None else SharedBans(bans, database)
        self._since = 0
        self._deleted_at = 0
        self._looking: asyncio.Task[None] | None = None
        self.see_providers(providers)

    @property
    def circuits(self) -> Breakers | None:
        """The circuits, None when they are switched off."""
        return self._circuits

    def see_providers(self, providers: Iterable[Provider]) -> None:
        """Share what the keys of `providers` do from now on, besides those known before."""
        for provider in providers:
            if provider.keys is not None and provider.keys.told is None:
                self._keys.add(provider.name, provider.keys)
                # What others found out about these keys may be older than what was heard last.
                self._since = 0

    async def start(self) -> None:
        """Hear what the others know, and go on listening; call it on the event loop."""
        if self.limits is not None:
            await self.limits.start()
        if self.sockets is not None:
            self.sockets.start()
        with suppress(DatabaseAwayError):
            await self._look()
        self._looking = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Give back what is held."""
        if self._looking is not None:
            self._looking.cancel()
        if self.sockets is not None:
            self.sockets.stop()
        if self._circuits is not None:
            await self._circuits.told()
        await self._keys.told()
        if self._bans is not None:
            await self._bans.told()
        if self.limits is not None:
            await self.limits.stop()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._look()
            except DatabaseAwayError:
                pass
            except Exception as error:  # noqa: BLE001 - the next look may do better
                _log.error("cannot hear of other gateways: %s", type(error).__name__)

    async def _look(self) -> None:
        if self._circuits is None and self._bans is None and not len(self._keys):
            return
        news = await self._database.read_async(self._read)
        self._clock.heard(news.now)
        self._since = news.now - _AGAIN
        self._keys.learn(news.pauses)
        if self._circuits is not None:
            self._circuits.learn(news.circuits)
        if self._bans is not None and news.bans is not None:
            await self._bans.learn(news.bans)
        if news.now - self._deleted_at > _BETWEEN_DELETIONS:
            self._deleted_at = news.now
            await self._database.write_async(lambda connection: _delete_old(connection, news.now))

    def _read(self, connection: Connection) -> _News:
        now = database_time(plain(connection))
        circuits = {} if self._circuits is None else self._circuits.read(connection, self._since)
        pauses = changed_key_pauses(connection, self._since, now) if len(self._keys) else ()
        bans = None if self._bans is None else self._bans.read(connection, self._since, now)
        return _News(now, circuits, pauses, bans)


def _delete_old(connection: Connection, now: int) -> None:
    drop_old_circuits(connection, now - _OLD)
    drop_old_key_pauses(connection, now)
    drop_old_bans(connection, now - _OLD)
