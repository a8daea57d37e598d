"""One connection to an upstream, in HTTP/1.1: a question out, its answer back, then the next.

For a body in many small chunks aiohttp's client runs more Python than all else that is done for
an answer; here they are read by llhttp alone and taken as one.
"""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from provisioner.gateway.upstreams.http_patience import Patience
from provisioner.gateway.upstreams.http_sending import Sending

__all__ = ["HttpConnection", "UnusableError"]

# As much as aiohttp's server takes of a request, and what a reader may be behind.
_MOST_HEAD = 64 * 1024
_MOST_HEADERS = 256
_MOST_HELD = 128 * 1024
_BODILESS = frozenset({204, 304})


class UnusableError(Exception):
    """What came is no answer, or none that can go on."""


class HttpConnection(asyncio.Protocol):
    """Asks one question at a time; a new one once the answer before is complete.

    `status`, `headers` and `body` pieces are those of the answer that is being read.
    """

    __slots__ = (
        "_closes", "_error", "_head_size", "_held", "_is_bodiless", "_loop", "_parser", "_patience",
        "_pieces", "_reading", "_sending", "_started", "_transport", "_unread", "_until_end",
        "_waiter", "begun", "complete", "headers", "is_silent", "on_body", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        """Belong to the event loop that runs."""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._sending: Sending | None = None
        self._patience = Patience(self._loop, self._give_up)
        self._reading = True
        self._closes = False
        self._error: Exception | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._forget()

    def _forget(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.begun = self.complete = False
        self._started = self._until_end = self._is_bodiless = False
        self._pieces: list[bytes] = []
        # Many small pieces come at a time: what is called for each must cost next to nothing.
        self.on_body = self._pieces.append
        self._held = self._head_size = self._unread = 0
        self.is_silent = True

    @property
    def reusable(self) -> bool:
        """Whether another question may be asked."""
        transport, sending = self._transport, self._sending
        if transport is None or sending is None or self._closes or transport.is_closing():
            return False
        return sending.is_done

    async def ask(
        self, head: bytes, body: bytes, *, is_bodiless: bool, idle: float, total: float | None
    ) -> None:
        """Send a request and wait for the head of its answer.

        From now on the upstream may be silent for `idle` seconds, and take `total` for all of it.
        `is_bodiless` says that the answer has no body, whatever its head says. Raises `OSError`,
        of which `TimeoutError` is one, and `UnusableError`; the connection is closed then.
        """
        self._forget()
        self._is_bodiless = is_bodiless
        self._parser = _parser(self)
        self._patience.start(idle, total)
        try:
            if self._sending is not None:
                self._sending.send(head, body)
            await self._answered()
        except BaseException:
            self.close()
            raise

    async def _answered(self) -> None:
        while not (self._started or self._error or self._transport is None):
            await self._wait()
        if not (self._started and self._pieces):
            self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
        if self._transport is None and not self.complete:
            raise ConnectionAbortedError

    async def more(self) -> bytes:
        """Return what has arrived since, empty at the end; raises what `ask` does."""
        while not self._pieces:
            if self.complete:
                return b""
            self._check()
            await self._wait()
        pieces = self._pieces
        taken = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._held = 0
        if not self._reading and self._transport is not None:
            self._reading = self._patience.is_waiting = True
            self._patience.heard()
            self._transport.resume_reading()
        return taken

    @property
    def is_read(self) -> bool:
        """Whether nothing more will come of the answer."""
        return self.complete and not self._pieces

    def rest(self) -> None:
        """Wait for the next question; what comes unasked closes the connection."""
        self._parser = None
        self._patience.rest()

    def close(self) -> None:
        """End the connection at once."""
        self._closes = True
        self._patience.end()
        transport, sending = self._transport, self._sending
        if transport is None or sending is None:
            return
        sending.stop()
        if transport.is_closing():
            # Asyncio's transports for TLS cannot be asked anything after a second end.
            return
        # To close waits until all is sent, which the other side may never take.
        if sending.is_done:
            transport.close()
        else:
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._sending = Sending(self._transport)

    def data_received(self, data: bytes) -> None:
        """Read `data`, and wake who waits for it."""
        if self._parser is None:
            self.close()
            return
        self._patience.heard()
        self.is_silent, known = False, len(self._pieces)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(UnusableError())
        self._judge_pieces(known, len(data))
        if self._held > _MOST_HELD and self._reading and self._transport is not None:
            self._reading = self._patience.is_waiting = False
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """End a body that has no other end."""
        if self._started and self._until_end and not self._error:
            self.complete = True
        self._closes = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        if self._parser is not None and not self.complete:
            self._fail(exc or ConnectionAbortedError())
        self._closes = True
        if self._sending is not None:
            self._sending.stop()
        self._transport = self._sending = self._parser = None
        self._patience.end()
        self._wake()

    def pause_writing(self) -> None:
        """Write on once what was written is sent."""
        if self._sending is not None:
            self._sending.pause()

    def resume_writing(self) -> None:
        """Write on."""
        self._patience.heard()
        if self._sending is not None:
            self._sending.resume()

    def on_message_begin(self) -> None:
        """Refuse a second answer to one question."""
        if self.complete:
            raise UnusableError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._head_size += len(name) + len(value)
        if self._head_size > _MOST_HEAD or len(self.headers) == _MOST_HEADERS:
            raise UnusableError
        if not self._started:
            # What comes behind a body is nobody's header.
            self.headers.append((_text(name), _text(value)))

    def on_headers_complete(self) -> None:
        """Let the answer begin, unless the real one is still to come."""
        parser = self._parser
        if parser is None:
            return
        self.status = parser.get_status_code()
        if 100 <= self.status < 200:
            return
        self._closes = self._closes or not parser.should_keep_alive()
        self._until_end = self.status not in _BODILESS and not any(map(_is_end, self.headers))
        if self._pieces:
            # What is only said on the way has no body.
            raise UnusableError
        self._started = True
        if self._is_bodiless:
            self.complete = self._closes = True

    def on_message_complete(self) -> None:
        """Note the end; what is only said on the way is forgotten."""
        if self._started:
            self.complete = True
        else:
            self.headers, self._head_size, self._unread = [], 0, 0

    def _judge_pieces(self, known: int, size: int) -> None:
        """Count the pieces behind the first `known`, or `size` bytes that brought none.

        Those are of a head, or come behind it all. What has no place here is thrown away.
        """
        pieces = self._pieces
        if pieces and not self._started:
            self._fail(UnusableError())
        if self._is_bodiless or not self._started:
            pieces.clear()
        if new := pieces[known:]:
            self.begun = True
            self._held += sum(map(len, new))
        self._unread = 0 if new or self.complete else self._unread + size
        if self._unread > _MOST_HEAD:
            self._fail(UnusableError())

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        """Read no more; what is complete stays so."""
        self._closes = True
        if not self.complete and self._error is None:
            self._error = error
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self) -> None:
        self._fail(TimeoutError())
        self._wake()


def _parser(connection: HttpConnection) -> httptools.HttpResponseParser:
    made = httptools.HttpResponseParser(connection)
    # Old gateways of companies do both; nothing that anybody else sent is read with it.
    made.set_dangerous_leniencies(
        lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
    )
    return made


def _is_end(header: tuple[str, str]) -> bool:
    """Say whether a body with that header says by itself where it ends."""
    name, value = header[0].lower(), header[1].lower()
    chunked = name == "transfer-encoding" and value.rstrip().endswith("chunked")
    return chunked or name == "content-length"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
