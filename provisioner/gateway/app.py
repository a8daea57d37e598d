"""The gateway as an aiohttp application: each request through the dialect to its route."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.bridge import bridge
from provisioner.gateway.call import Brought, Call, Services
from provisioner.gateway.handshake import is_handshake
from provisioner.gateway.limits import Verdict
from provisioner.gateway.metrics import Metrics
from provisioner.gateway.notes import NOTES, Notes
from provisioner.gateway.passthrough import pass_through
from provisioner.gateway.provider_types import RouteKind
from provisioner.gateway.providers import Provider, Route, find_model_route, find_route
from provisioner.gateway.visits import Visit, Visits
from provisioner.gateway.wire import Answer, WireError
from provisioner.gateway.wire_format import RESPONSES

if TYPE_CHECKING:
    from provisioner.gateway.shared_sockets import SharedSockets
    from provisioner.gateway.websocket import WebSockets

__all__ = ["ACCESS_LOGGER", "Gateway", "Routes", "build_app"]

ACCESS_LOGGER = "provisioner.gateway.access"
"""Logs one line for each request at level INFO: method, path, status, milliseconds."""

_log = logging.getLogger(__name__)
_access = logging.getLogger(ACCESS_LOGGER)
_USUAL = tuple(
    f"{prefix}/{provider}/v1/responses"
    for prefix in ("", "/api/v2/aibridge", "/api/v2/ai-gateway")
    for provider in ("openai", "chatgpt")
)
# As nginx logs a client that went before its answer began.
_CLIENT_GONE = 499
# What a client that reads takes for the last event is far less.
_FAREWELL_SECONDS = 1.0


class Gateway:
    """Answers requests; everything it needs is handed to it."""

    def __init__(
        self,
        services: Services,
        providers: Mapping[str, Provider],
        authenticator: Authenticator,
        visits: Visits,
        *,
        metrics: Metrics,
        sockets: SharedSockets | None = None,
    ) -> None:
        """Serve `providers`, within the limits of `visits`, to those whom `authenticator` knows.

        `sockets` counts WebSockets with other workers.
        """
        self._services = services
        self._metrics = metrics
        self._dialect = services.dialect
        self._providers = providers
        self._authenticator = authenticator
        self._visits = visits
        self._stopping = False
        self._idle = asyncio.Event()
        self._sockets = sockets
        self._websockets: WebSockets | None = None

    async def drain(self, seconds: float) -> None:
        """Refuse new requests from now on and wait until the others are answered.

        After so many `seconds` the rest is told that the gateway stops.
        """
        self._stopping = True
        if self._websockets is not None:
            self._websockets.stop()
        self._idle.clear()
        if self._visits.running and not await self._is_idle(seconds):
            self._services.farewell.say()
            await self._is_idle(_FAREWELL_SECONDS)

    async def _is_idle(self, seconds: float) -> bool:
        """Wait until nothing is being answered, and say whether that is so."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        return self._idle.is_set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer `request`, whatever happens: a defect is a 500 that tells nothing."""
        request[NOTES] = Notes(request.headers)
        return await self._answer(request, None)

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put what the dialect tells of `request` into the head of its answer."""
        if response.headers.get("Server") == SERVER_SOFTWARE:
            # Which releases run here is nobody's business.
            del response.headers["Server"]
        notes = request.get(NOTES)
        if notes is not None:
            notes.status = response.status
            if told := self._dialect.answer_headers(notes):
                response.headers.update(told)

    async def _answer(self, request: web.Request, brought: Brought | None) -> web.StreamResponse:
        began = time.monotonic()
        try:
            response = await self._serve(request, brought)
        except WireError as error:
            response = _response(error.answer)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            # The type alone: messages of exceptions may quote what the client sent.
            _log.error("internal error: %s", type(error).__name__)
            response = _response(self._services.dialect.internal_error().answer)
        except asyncio.CancelledError:
            # Codex hangs up once it has the last event, often before the stream's end is sent.
            status = request[NOTES].status or _CLIENT_GONE
            _log_access(request, "WS" if brought else request.method, status, began)
            raise
        _log_access(request, "WS" if brought else request.method, response.status, began)
        return response

    async def _serve(self, request: web.Request, brought: Brought | None) -> web.StreamResponse:
        if self._stopping:
            raise self._dialect.shutting_down()
        visit = self._visits.begin()
        try:
            call = await self._admitted(request, brought, visit)
            if not is_handshake(request):
                return await self._relayed(call)
        finally:
            visit.end()
            if not self._visits.running:
                self._idle.set()
        # What is asked through it counts, an open connection does not.
        websockets = self._all_websockets()
        if not await websockets.enter(call.actor):
            raise self._dialect.websocket_refused()
        return await websockets.serve(request, call.actor)

    async def _admitted(self, request: web.Request, brought: Brought | None, visit: Visit) -> Call:
        dialect, headers = self._dialect, request.headers
        dialect.open_for(request.path)
        key = dialect.limit_key(headers) or request.remote or ""
        self._refuse(visit.judge(key))
        dialect.guard(headers)
        path = dialect.stripped(request.path)
        try:
            token = dialect.token(headers)
            actor = await self._authenticator.actor(token)
            state = "" if actor else await self._authenticator.state(token)
        except AuthenticationAwayError as error:
            raise dialect.authentication_away() from error
        if actor is None:
            raise dialect.unauthorized(state)
        self._refuse(await visit.judge_together(key))
        dialect.admitted()
        route = self._route(request, path)
        if is_handshake(request) and not self._takes(request, route, actor):
            raise dialect.websocket_refused()
        firewall = dialect.checked(headers)
        notes = request[NOTES] if brought is None else Notes(headers)
        return Call(request, path, route, actor, self._services, notes, brought, firewall)

    def _refuse(self, verdict: Verdict) -> None:
        if verdict is Verdict.FULL:
            raise self._dialect.at_capacity()
        if verdict is Verdict.TOO_MANY:
            raise self._dialect.rate_limited()

    def _takes(self, handshake: web.Request, route: Route, actor: Actor) -> bool:
        """Say whether `actor` may have a WebSocket there, and now."""
        allowed = self._services.relay.websockets and handshake.method == "GET"
        return allowed and route.wire is RESPONSES and self._all_websockets().has_room(actor)

    def _all_websockets(self) -> WebSockets:
        if self._websockets is None:
            from provisioner.gateway.websocket import (  # noqa: PLC0415 - not all clients have them
                WebSockets,
            )

            self._websockets = WebSockets(self._answer, self._sockets)
        return self._websockets

    async def _relayed(self, call: Call) -> web.StreamResponse:
        route = call.route
        if route.wire is not None:
            return await bridge(call, route.wire)
        if route.kind is RouteKind.OWN:
            return _response(self._dialect.own_answer(call.actor, call.path))
        pattern = route.named.kind.pattern(route.path)
        self._metrics.see_passthrough(route.named.name, pattern, call.request.method)
        return await pass_through(call)

    def _route(self, request: web.Request, path: str) -> Route:
        method = request.method
        if self._dialect.by_model:
            # A handshake is a GET for what is a POST without one.
            route = find_model_route("POST" if is_handshake(request) else method, path)
            if route is None or path in self._dialect.left_out:
                raise self._dialect.route_not_supported(method, path)
            return route
        name = path.removeprefix("/").partition("/")[0]
        provider = self._providers.get(name)
        if provider is not None and not provider.enabled:
            raise self._dialect.provider_disabled(name, method, path)
        route = find_route(self._providers, path)
        if route is None:
            raise self._dialect.route_not_supported(method, path)
        return route


class Routes(Protocol):
    """Something that answers at paths of its own."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add all routes to `router`."""


def build_app(gateway: Gateway, *others: Routes) -> web.Application:
    """Return the application in which the `gateway` has all paths that the `others` have not."""
    app = web.Application()
    app.on_response_prepare.append(gateway.prepare)
    for other in others:
        other.add_routes(app.router)
    # A path may hold anything, line breaks included; the usual ones are found without a search.
    for path in (*_USUAL, "/{path:(?s:.*)}"):
        app.router.add_route("*", path, gateway.handle)
    return app


def _log_access(request: web.Request, method: str, status: int, began: float) -> None:
    if _access.isEnabledFor(logging.INFO):
        spent = (time.monotonic() - began) * 1000
        _access.info("%s %s %d %.0fms", method, request.rel_url.raw_path, status, spent)


def _response(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    if answer.headers.get("Connection") == "close":
        response.force_close()
    return response
