"""aiohttp's server with answers of the gateway's own to what is not HTTP, and less to do.

aiohttp (3.14) quotes what it could not read, and an `Expect` that it does not know: a credential or
a part of a body may be in there. The answers are those of Go's server, which is Coder's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

__all__ = ["HttpRunner"]

_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
# As Go's server waits.
_LINGER_SECONDS = 0.5


class _Refusal(web.Response):
    """The answer to what is no request; the connection closes behind it."""


class _OneTask:
    """An event loop on which a connection answers its requests in the task that it has.

    aiohttp makes another one for each request, to copy context variables, of which the gateway
    has none. From Python 3.12 on such a task starts at once; before, it waits for the next turn of
    the loop, which is a hundredth of what the gateway adds to an answer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.call_at, self.create_future, self.time = loop.call_at, loop.create_future, loop.time

    def create_task(self, request: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Return what can be waited for as a task can."""
        return request

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all that a loop has
        return getattr(self._loop, name)


class _Connection(RequestHandler):
    """One connection of a client."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to answer."""
        super().connection_made(transport)
        if sys.version_info < (3, 12):
            # The connection's own task was made, and has not begun.
            self._loop = cast("asyncio.AbstractEventLoop", _OneTask(self._loop))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer of Go's HTTP server."""
        super().handle_error(request, status, exc, message)
        if status == HTTPStatus.BAD_REQUEST:
            response: web.Response = _Refusal(status=status, text="400 Bad Request")
        else:
            response = web.Response(status=status, text="internal server error\n")
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send what is left of `resp`."""
        sent = await super().finish_response(request, resp, start_time)
        if isinstance(resp, _Refusal):
            await self._linger()
        elif self._messages:
            # A client may send any number in a row, and others have their turn.
            await asyncio.sleep(0)
        return sent

    async def _linger(self) -> None:
        """Leave the client time to read its answer, and drop what it is still sending.

        To close with something unread has the system throw the answer away. A client that closes
        ends this at once, by cancelling it.
        """
        self.close()
        if self.transport is not None and self.transport.can_write_eof():
            with suppress(OSError):
                self.transport.write_eof()
            await asyncio.sleep(_LINGER_SECONDS)


class _Server(web.Server):
    """Makes a `_Connection` for each client."""

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


def _unquoted(handler: _Handler) -> _Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPExpectationFailed:
            response = web.Response(status=HTTPStatus.EXPECTATION_FAILED)
            response.force_close()
            return response

    return handle


class HttpRunner(web.AppRunner):
    """Runs an application on that server."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            _unquoted(made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,  # noqa: SLF001 - nothing else hands the options over
        )
