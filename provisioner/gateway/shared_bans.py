"""The router's bans in all gateways on one database: what one sees counts for all."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from provisioner.gateway.record.bans import changed_bans, forget_bans_of_the_dead, move_ban
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.router.bans import Bans, BanState
from provisioner.gateway.telling import Telling

__all__ = ["SharedBans"]


class SharedBans:
    """Tells the others of failures here, and the bans here of those elsewhere."""

    def __init__(self, bans: Bans, database: Database) -> None:
        """Keep what happens to `bans` in `database`."""
        self._bans = bans
        self._database = database
        self._telling = Telling()
        bans.told = self._tell

    async def start(self, identity: GatewayIdentity) -> None:
        """Begin anew if the gateway `identity` is the first; raises `DatabaseAwayError`."""
        await self._database.write_async(lambda c: forget_bans_of_the_dead(c, identity))

    def read(self, connection: Connection, since: int, now: int) -> Mapping[str, BanState]:
        """Read what changed `since` that time of the database."""
        return changed_bans(connection, since, now)

    def learn(self, changed: Mapping[str, BanState]) -> None:
        """Take over what was read."""
        for pair, state in changed.items():
            self._bans.learn(pair, state)

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
