"""Requests onto a connection: short ones at once, long ones as fast as they are taken."""

from __future__ import annotations

import asyncio

__all__ = ["LONG_BODY", "Sending"]

LONG_BODY = 1024 * 1024
"""What is as long goes bit by bit, so that others have their turn."""
_SLICE = 64 * 1024


class Sending:
    """Writes to one transport."""

    __slots__ = ("_task", "_transport", "_writable")

    def __init__(self, transport: asyncio.Transport) -> None:
        """Write to `transport`."""
        self._transport = transport
        self._task: asyncio.Task[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    def send(self, head: bytes, body: bytes) -> None:
        """Send both; `stop` before anything else is sent."""
        if len(body) < LONG_BODY:
            # In one piece: asyncio's transports never get rid of an empty one among several
            # (3.12, 3.13), and some of its releases wait for nobody where they take several.
            self._transport.write(head + body)
            return
        self._transport.write(head)
        self._task = asyncio.ensure_future(self._send_slowly(memoryview(body)))

    @property
    def is_done(self) -> bool:
        """Whether all of it has left."""
        sent = self._task is None or self._task.done()
        return sent and self._transport.get_write_buffer_size() == 0

    def pause(self) -> None:
        """Write on once what was written has left."""
        self._writable = asyncio.get_running_loop().create_future()

    def resume(self) -> None:
        """Write on."""
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def stop(self) -> None:
        """Write no more."""
        if self._task is not None:
            self._task.cancel()

    async def _send_slowly(self, body: memoryview) -> None:
        for at in range(0, len(body), _SLICE):
            if self._transport.is_closing():
                return
            self._transport.write(body[at : at + _SLICE])
            if self._writable is None:
                await asyncio.sleep(0)
            else:
                await self._writable
