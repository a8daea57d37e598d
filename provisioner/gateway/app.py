"""The gateway as an aiohttp application: each request through the dialect to its route."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.bridge import bridge
from provisioner.gateway.call import Call, Services
from provisioner.gateway.dashboard.web import Dashboard
from provisioner.gateway.limits import ConcurrencyLimit, RateLimit
from provisioner.gateway.management.web import ManagementApi
from provisioner.gateway.metrics import Metrics
from provisioner.gateway.passthrough import pass_through
from provisioner.gateway.providers import Provider, Route, find_route
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
        services: Services,
        providers: Mapping[str, Provider],
        authenticator: Authenticator,
        concurrency: ConcurrencyLimit,
        rate: RateLimit,
        *,
        metrics: Metrics,
    ) -> None:
        """Serve `providers`, within the limits, to those whom `authenticator` knows."""
        self._services = services
        self._metrics = metrics
        self._dialect = services.dialect
        self._providers = providers
        self._authenticator = authenticator
        self._concurrency = concurrency
        self._rate = rate
        self._stopping = False
        self._idle = asyncio.Event()

    async def drain(self, seconds: float) -> None:
        """Refuse new requests from now on and wait until the others are answered."""
        self._stopping = True
        self._idle.clear()
        if self._concurrency.running:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer `request`, whatever happens: a defect is a 500 that tells nothing."""
        began = time.monotonic()
        try:
            response = await self._serve(request)
        except WireError as error:
            response = _response(error.answer)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            # The type alone: messages of exceptions may quote what the client sent.
            _log.error("internal error: %s", type(error).__name__)
            response = _response(self._services.dialect.internal_error().answer)
        if _access.isEnabledFor(logging.INFO):
            spent = (time.monotonic() - began) * 1000
            path = request.rel_url.raw_path
            _access.info("%s %s %d %.0fms", request.method, path, response.status, spent)
        return response

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._stopping:
            raise self._dialect.shutting_down()
        try:
            return await self._limited(request, may_enter=self._concurrency.enter())
        finally:
            self._concurrency.leave()
            if not self._concurrency.running:
                self._idle.set()

    async def _limited(self, request: web.BaseRequest, *, may_enter: bool) -> web.StreamResponse:
        dialect, headers = self._dialect, request.headers
        dialect.open_for(request.path)
        if not may_enter:
            raise dialect.at_capacity()
        if not self._rate.allows(dialect.limit_key(headers) or request.remote or ""):
            raise dialect.rate_limited()
        dialect.guard(headers)
        path = dialect.stripped(request.path)
        try:
            actor = await self._authenticator.actor(dialect.token(headers))
        except AuthenticationAwayError as error:
            raise dialect.authentication_away() from error
        if actor is None:
            raise dialect.unauthorized()
        dialect.admitted()
        route = self._route(request.method, path)
        if headers.get("Upgrade", "").lower() == "websocket":
            raise dialect.websocket_refused()
        dialect.checked(headers)
        call = Call(request, path, route, actor, self._services)
        if route.wire is None:
            self._metrics.see_passthrough(route.provider.name, route.path, request.method)
            return await pass_through(call)
        return await bridge(call, route.wire)

    def _route(self, method: str, path: str) -> Route:
        name = path.removeprefix("/").partition("/")[0]
        provider = self._providers.get(name)
        if provider is not None and not provider.enabled:
            raise self._dialect.provider_disabled(name, method, path)
        route = find_route(self._providers, path)
        if route is None:
            raise self._dialect.route_not_supported(method, path)
        return route


def build_app(gateway: Gateway, management: ManagementApi, dashboard: Dashboard) -> web.Application:
    """Return the application that serves all three."""
    app = web.Application()
    management.add_routes(app.router)
    dashboard.add_routes(app.router)
    # A path may hold anything, line breaks included.
    app.router.add_route("*", "/{path:(?s:.*)}", gateway.handle)
    return app


def _response(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    if answer.headers.get("Connection") == "close":
        response.force_close()
    return response
