"""The body of an upstream's answer, chunk by chunk as it arrives."""

from __future__ import annotations

import asyncio

import aiohttp

from provisioner.gateway.upstreams.http_trouble import BROKE_OFF, SILENT
from provisioner.gateway.upstreams.protocol import UpstreamError

__all__ = ["HttpBody"]

_WATCH_SECONDS = 1.0


class HttpBody:
    """Reads one answer.

    aiohttp (3.14) forgets to wake a reader when an upstream sends garbage between two chunks: it
    closes the connection, and the reader waits for ever. So the connection is looked after here.
    """

    __slots__ = ("_content", "_loop", "_protocol", "_response", "_timer", "_waiting")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        """Read the body of `response`, on the event loop that runs."""
        self._response = response
        self._content = response.content
        # None once all of the body is here.
        self._protocol = response.connection.protocol if response.connection else None
        self._waiting = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def __aiter__(self) -> HttpBody:
        """Return itself: a body is read once."""
        return self

    async def __anext__(self) -> bytes:
        """Return what has arrived since; raises `UpstreamError`."""
        self._waiting = True
        if self._timer is None and not self._content.is_eof():
            self._watch()
        try:
            chunk = await self._content.readany()
        except TimeoutError as error:
            raise UpstreamError(SILENT) from error
        except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError) as error:
            raise UpstreamError(BROKE_OFF) from error
        self._waiting = False
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def begun(self) -> bool:
        """Say whether some of it has arrived."""
        return self._content.total_bytes > 0

    def ended(self) -> bool:
        """Say whether all of it was read."""
        return self._content.at_eof()

    async def aclose(self) -> None:
        """Let the connection be used again if all was read, else close it."""
        if self._timer is not None:
            self._timer.cancel()
        if self._content.at_eof():
            self._response.release()
        else:
            self._response.close()

    def _watch(self) -> None:
        gone = self._protocol is not None and not self._protocol.is_connected()
        if gone and self._waiting and not self._content.is_eof():
            self._content.set_exception(aiohttp.ClientPayloadError(BROKE_OFF))
            return
        self._timer = self._loop.call_later(_WATCH_SECONDS, self._watch)
