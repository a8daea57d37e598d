"""An upstream's answer out to the client, chunk by chunk as it arrives, read along the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from provisioner.gateway.upstreams.protocol import ByteStream, UpstreamError, UpstreamResponse

__all__ = ["Pulse", "cut", "event_response", "read_all", "relay"]

_ANSWER_LIMIT = 64 * 1024 * 1024
_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")


class _BegunResponse(web.StreamResponse):
    """Sends its head along with its first chunk, which is there already."""

    # As aiohttp (3.12) has it for whole answers; before that it only costs a packet more.
    _send_headers_immediately = False


def event_response(answer: UpstreamResponse) -> web.StreamResponse:
    """Return an event stream to be sent, with the headers of Coder's gateway and no others."""
    headers = {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-cache",
        "Connection": "keep-alive",
        # Tells proxies in between not to buffer.
        "X-Accel-Buffering": "no",
    }
    kind = _BegunResponse if answer.progress.begun() else web.StreamResponse
    return kind(headers={**headers, **answer.headers} if answer.own else headers)


class Pulse:
    """Tells the client of a silent stream that it goes on, between two events only."""

    __slots__ = ("_event", "_response", "_sending", "_silent", "_tail", "_tick", "_timer")

    def __init__(self, response: web.StreamResponse, event: bytes, seconds: float) -> None:
        """Send `event` after at most `seconds` of silence once it is started; 0 is never."""
        self._response = response
        self._event = event
        # Two ticks make a pause, so that a chunk costs no timer.
        self._tick = seconds / 2
        self._tail = b"\n\n"
        self._silent = False
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look out for silence from now on; again does nothing."""
        if self._timer is None:
            self._wait()

    def passed(self, chunk: bytes) -> None:
        """Take note that `chunk` is being sent."""
        self._silent = False
        self._tail = chunk if len(chunk) > 3 else (self._tail + chunk)[-4:]

    @property
    def between_events(self) -> bool:
        """Whether something may be sent without breaking an event."""
        return self._tail.endswith(_BLANK_LINES)

    def stop(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._sending.cancel()

    def _wait(self) -> None:
        if self._tick:
            self._timer = asyncio.get_running_loop().call_later(self._tick, self._beat)

    def _beat(self) -> None:
        if self._silent and self.between_events:
            self._sending = asyncio.ensure_future(self._send())
        self._silent = True
        self._wait()

    async def _send(self) -> None:
        # A chunk may have come since the beat.
        if self._silent and self.between_events:
            with suppress(ConnectionError):
                await self._response.write(self._event)


async def relay(
    answer: UpstreamResponse,
    response: web.StreamResponse,
    pulse: Pulse,
    read_along: Callable[[bytes], None],
) -> None:
    """Send the chunks of `answer` on as they arrive, bytes unchanged.

    `read_along` gets each chunk after the client: nothing that is done with it delays the answer.
    It gets the last one too that a client took before it hung up.
    """
    progress = answer.progress
    if not progress.begun():
        pulse.start()
    async for chunk in answer.body:
        pulse.passed(chunk)
        try:
            if progress.ended():
                # Both go along where both are here.
                await response.write_eof(chunk)
            else:
                pulse.start()
                await response.write(chunk)
        finally:
            read_along(chunk)


async def read_all(body: ByteStream) -> bytes:
    """Return the whole `body`; raises `UpstreamError` if that is too much to hold."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > _ANSWER_LIMIT:
            raise UpstreamError("the answer of the upstream is larger than 64 MiB")
        chunks.append(chunk)
    return b"".join(chunks)


def cut(request: web.BaseRequest) -> None:
    """Close the connection of `request` in the middle of its answer, after what was written."""
    if request.transport is not None:
        request.transport.close()
