"""The router's bans in all gateways on one database: what one sees counts for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from provisioner.gateway.record.bans import (
    bans_began,
    changed_bans,
    forget_bans_before,
    move_ban,
)
from provisioner.gateway.record.database import Database
from provisioner.gateway.router.bans import Bans, BanState
from provisioner.gateway.telling import Telling

__all__ = ["BanNews", "SharedBans"]


@dataclass(frozen=True, slots=True)
class BanNews:
    """What was read: when the oldest gateway began, and what changed since."""

    began: int
    changed: Mapping[str, BanState]


class SharedBans:
    """Tells the others of failures here, and the bans here of those elsewhere."""

    def __init__(self, bans: Bans, database: Database) -> None:
        """Keep what happens to `bans` in `database`."""
        self._bans = bans
        self._database = database
        self._telling = Telling()
        self._began = 0
        bans.told = self._tell

    def read(self, connection: Connection, since: int, now: int) -> BanNews:
        """Read what changed `since` that time of the database."""
        began = bans_began(connection)
        return BanNews(began, changed_bans(connection, since, now, began))

    async def learn(self, news: BanNews) -> None:
        """Take over what was read; raises `DatabaseAwayError`."""
        for pair, state in news.changed.items():
            self._bans.learn(pair, state)
        if news.began > self._began:
            # Whoever heard of older ones, here too, hears with the next look that they are over.
            await self._database.write_async(lambda c: forget_bans_before(c, news.began))
            self._began = news.began

    async def told(self) -> None:
        """Wait a while until the others can know all."""
        await self._telling.told()

    def _tell(self, pair: str, credential: str, status: int) -> None:
        self._telling.tell(lambda: self._moved(pair, credential, status))

    async def _moved(self, pair: str, credential: str, status: int) -> None:
        state = await self._database.write_async(
            lambda connection: move_ban(connection, pair, lambda s: self._bans.after(s, status))
        )
        self._bans.counted(pair, credential, status, state)
