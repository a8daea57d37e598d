"""Takes in the clients that come to a socket, on whatever event loop there is.

Where no file can be opened any more, they wait, as they do on asyncio's own loop. uvloop (0.23)
would take them in and hang up: https://docs.libuv.org, `uv_accept` with its reserved descriptor.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

from aiohttp import web

__all__ = ["NONE_LEFT", "ListeningSite"]

NONE_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""The errors of a system that has no room for one more connection."""

_PAUSE_SECONDS = 1.0
# Those who are in already must not wait for all who want to come in.
_MOST_AT_ONCE = 64
_GONE_AGAIN = (BlockingIOError, InterruptedError, ConnectionAbortedError)

_Factory = Callable[[], asyncio.Protocol]


class _Door:
    """One socket that listens, until it is closed."""

    def __init__(self, listening: socket.socket, factory: _Factory) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._factory = factory
        self._pause: asyncio.TimerHandle | None = None
        self._coming: set[asyncio.Task[object]] = set()
        self._open()

    def close(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _open(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                client, _ = self._listening.accept()
            except _GONE_AGAIN:
                return
            except OSError as error:
                if error.errno not in NONE_LEFT:
                    raise
                self._loop.remove_reader(self._listening)
                self._pause = self._loop.call_later(_PAUSE_SECONDS, self._open)
                self._loop.call_exception_handler({"message": "accept", "exception": error})
                return
            client.setblocking(False)
            task = self._loop.create_task(self._take_in(client))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)

    async def _take_in(self, client: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._factory, client)
        except OSError:
            # Gone before anybody could say a word.
            client.close()
        except BaseException:
            client.close()
            raise


class ListeningSite(web.BaseSite):
    """Serves the application of a runner on a socket that listens."""

    def __init__(self, runner: web.AppRunner, listening: socket.socket, backlog: int) -> None:
        """Take over `listening` for `runner`, which is set up; so many may wait at the socket."""
        super().__init__(runner, backlog=backlog)
        self._listening = listening
        self._door: _Door | None = None

    @property
    def name(self) -> str:
        """The address of the socket."""
        return str(self._listening.getsockname())

    async def start(self) -> None:
        """Take clients in from now on."""
        await super().start()
        factory = self._runner.server
        if factory is None:
            raise RuntimeError("the runner is not set up")
        self._listening.setblocking(False)
        try:
            self._door = _Door(self._listening, factory)
        except NotImplementedError:
            # The loop of Windows watches no sockets; it takes clients in itself.
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(
                factory, sock=self._listening, backlog=self._backlog
            )

    async def stop(self) -> None:
        """Take nobody in any more; those who are in stay."""
        await super().stop()
        if self._door is not None:
            self._door.close()
