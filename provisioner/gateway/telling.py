"""Small writes for other gateways, one after another, that nobody here waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from provisioner.gateway.record.away import DatabaseAwayError

__all__ = ["Telling"]

# While the database is away each process goes by what it sees itself.
_MOST_WAITING = 100
_LAST_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Telling:
    """Does what it is given in order, on one event loop; what is too much is not told."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._waiting: list[Callable[[], Awaitable[object]]] = []
        self._task: asyncio.Task[None] | None = None

    def tell(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do `work` soon."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(work)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def told(self) -> None:
        """Wait a while until all is done."""
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=_LAST_SECONDS)
            self._task.cancel()

    async def _run(self) -> None:
        while self._waiting:
            work = self._waiting.pop(0)
            try:
                with suppress(DatabaseAwayError):
                    await work()
            except Exception as error:  # noqa: BLE001 - the next may be told
                _log.error("cannot tell other gateways: %s", type(error).__name__)
