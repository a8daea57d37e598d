"""The gateway as an aiohttp application: each request through the dialect to its route."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from aiohttp import web

from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.bridge import Call, bridge, pass_through
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.dump import RequestDump
from provisioner.gateway.management.web import ManagementApi
from provisioner.gateway.metrics import Metrics
from provisioner.gateway.providers import Provider, RouteKind, find_route
from provisioner.gateway.record.queue import RecordQueue
from provisioner.gateway.wire import Answer, WireError

__all__ = ["ACCESS_LOGGER", "Gateway", "build_app"]

ACCESS_LOGGER = "provisioner.gateway.access"
"""Logs one line for each request at level INFO: method, path, status, milliseconds."""

_log = logging.getLogger(__name__)
_access = logging.getLogger(ACCESS_LOGGER)


class Gateway:
    """Answers requests; everything it needs is handed to it."""

    def __init__(
        self,
        dialect: Dialect,
        providers: Mapping[str, Provider],
        authenticator: Authenticator,
        records: RecordQueue,
        *,
        dump: RequestDump | None,
        metrics: Metrics,
    ) -> None:
        """Speak as `dialect` and serve `providers` to those whom `authenticator` knows."""
        self._dump = dump
        self._metrics = metrics
        self._dialect = dialect
        self._providers = providers
        self._authenticator = authenticator
        self._records = records

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer `request`, whatever happens: a defect is a 500 that tells nothing."""
        began = time.monotonic()
        try:
            response = await self._serve(request)
        except WireError as error:
            response = _response(error.answer)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            # The type alone: messages of exceptions may quote what the client sent.
            _log.error("internal error: %s", type(error).__name__)
            response = _response(self._dialect.internal_error().answer)
        if _access.isEnabledFor(logging.INFO):
            spent = (time.monotonic() - began) * 1000
            path = request.rel_url.raw_path
            _access.info("%s %s %d %.0fms", request.method, path, response.status, spent)
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        dialect, headers = self._dialect, request.headers
        dialect.guard(headers)
        path = dialect.stripped(request.path)
        try:
            actor = await self._authenticator.actor(dialect.token(headers))
        except AuthenticationAwayError as error:
            raise dialect.authentication_away() from error
        if actor is None:
            raise dialect.unauthorized()
        route = find_route(self._providers, path)
        if route is None:
            raise dialect.route_not_supported(request.method, path)
        call = Call(request, path, route, actor, dialect)
        if route.kind is RouteKind.PASSTHROUGH:
            self._metrics.see_passthrough(route.provider.name, route.path, request.method)
            return await pass_through(call)
        if headers.get("Upgrade", "").lower() == "websocket":
            raise dialect.websocket_refused()
        return await bridge(call, self._records, self._dump)


def build_app(gateway: Gateway, management: ManagementApi) -> web.Application:
    """Return the application that serves `gateway` and `management`."""
    app = web.Application()
    management.add_routes(app.router)
    # A path may hold anything, line breaks included.
    app.router.add_route("*", "/{path:(?s:.*)}", gateway.handle)
    return app


def _response(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    if answer.headers.get("Connection") == "close":
        response.force_close()
    return response
