"""The WebSockets of all workers of a gateway, counted together in its database."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from functools import partial

from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.sockets import SocketShare, hold_sockets, may_open_socket

__all__ = ["SharedSockets"]

_BEAT_SECONDS = 1.0
# Beyond this a handshake does not wait for the database: what this process counts still holds.
_PATIENCE_SECONDS = 3.0

_log = logging.getLogger(__name__)


class SharedSockets:
    """Lets WebSockets in, and says every second which ones are open; use it on one event loop."""

    def __init__(self, database: Database, share: SocketShare) -> None:
        """Count what `share` has through `database`."""
        self._database = database
        self._share = share
        self._opened: Counter[str] = Counter()
        self._turn = asyncio.Lock()
        self._is_told = True
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to hold on to what is open; call it on the event loop."""
        self._beating = asyncio.create_task(self._beat())

    def stop(self) -> None:
        """Hold on to nothing more; what is held lapses, or goes with the gateway."""
        if self._beating is not None:
            self._beating.cancel()

    async def enter(self, user: str) -> bool:
        """Say whether `user` may open one more; `leave` when one that was let in is closed."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._turn:
                return await self._counted(user)
        except TimeoutError:
            self._opened[user] += 1
            return True

    async def _counted(self, user: str) -> bool:
        self._opened[user] += 1
        try:
            is_let_in = await self._asked(user)
        except BaseException:
            self.leave(user)
            raise
        if not is_let_in:
            self.leave(user)
        return is_let_in

    def leave(self, user: str) -> None:
        """Count one less."""
        self._opened[user] -= 1
        self._is_told = False

    async def _asked(self, user: str) -> bool:
        ask = partial(may_open_socket, share=self._share, opened=dict(self._opened), user=user)
        try:
            return await self._database.write_async(ask)
        except DatabaseAwayError:
            return True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            if self._is_told and not self._opened:
                continue
            try:
                async with self._turn:
                    await self._tell()
            except DatabaseAwayError:
                pass
            except Exception as error:  # noqa: BLE001 - the next beat may do better
                _log.error("cannot tell of open WebSockets: %s", type(error).__name__)

    async def _tell(self) -> None:
        opened = dict(self._opened)
        self._is_told = True
        # Once it is told that a user has none any more, nobody has to hear of that user.
        for user in [user for user, count in opened.items() if not count]:
            del self._opened[user]
        told = partial(hold_sockets, share=self._share, opened=opened)
        await self._database.write_async(told)
