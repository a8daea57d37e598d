"""What is left to do once an answer is sent: done while the gateway waits for somebody anyway.

A client may ask again within a tenth of a millisecond, as fast as its last answer could be booked,
counted and recorded. Nobody waits for that, so it gives way to whoever does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

__all__ = ["Afterwards"]

_log = logging.getLogger(__name__)
# Where nothing else is asked, that is the time for it.
_LATEST_SECONDS = 0.005


class Afterwards:
    """Does things in the order they come in, a moment later; use it on one event loop.

    The record of an end comes on its way then, behind the start of what was asked meanwhile.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._todo: list[Callable[[], None]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, work: Callable[[], None]) -> None:
        """Do `work` within some milliseconds."""
        self._todo.append(work)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_LATEST_SECONDS, self._time_is_up)

    def soon(self) -> None:
        """Do it all once the running task waits for something."""
        asyncio.get_running_loop().call_soon(self.catch_up)

    def catch_up(self) -> None:
        """Do now what there is to do, and what comes up on the way."""
        while self._todo:
            todo, self._todo = self._todo, []
            for work in todo:
                try:
                    work()
                except Exception as error:  # noqa: BLE001 - one must not stop the others
                    # The type alone: messages of exceptions may quote what somebody sent.
                    _log.error("internal error: %s", type(error).__name__)

    def _time_is_up(self) -> None:
        self.catch_up()
        self._timer = None
