"""aiohttp's server with answers of the gateway's own to what is not HTTP.

aiohttp (3.14) quotes what it could not read, and an `Expect` that it does not know: a credential or
a part of a body may be in there. The answers are those of Go's server, which is Coder's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

__all__ = ["HttpRunner"]

_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(RequestHandler):
    """One connection of a client."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer of Go's HTTP server."""
        super().handle_error(request, status, exc, message)
        text = "400 Bad Request" if status == 400 else "internal server error\n"
        response = web.Response(status=status, text=text)
        response.force_close()
        return response


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
