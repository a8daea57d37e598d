"""The management API, health and metrics over HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.body import BodyTooLargeError, UnreadableBodyError, read_body
from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects import health_paths
from provisioner.gateway.dialects.headers import bearer
from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError
from provisioner.gateway.management.routes import ROUTES, ApiRoute
from provisioner.gateway.metrics import CONTENT_TYPE, Metrics
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.plain import Plain
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.stored_providers import StoredProviders

__all__ = ["ManagementApi"]

_MOST_BYTES = 1024 * 1024
_UNREAD = (408, 413)
_WITH_BODY = ("POST", "PATCH")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_log = logging.getLogger(__name__)


class ManagementApi:
    """Answers everything that is not for a model."""

    def __init__(
        self,
        database: Database,
        authenticator: Authenticator,
        metrics: Metrics,
        providers: tuple[Mapping[str, object], ...],
        *,
        config: GatewayConfig,
        storing: Callable[[], bool],
        pepper: Callable[[], Secret] | None = None,
        stored: StoredProviders | None = None,
    ) -> None:
        """Answer from `database`, as `config` says, of `providers`.

        `storing` says whether records are stored at present, `stored` serves the providers that
        are set up over the API.
        """
        self._stored = stored
        self._pepper = pepper
        self._health_paths = health_paths(config)
        # Only Coder has eras; elsewhere all calls are there.
        self._era = config.era if config.dialect == "coder" else None
        self._database = database
        self._request_seconds = config.relay.request_seconds
        self._authenticator = authenticator
        self._metrics = metrics
        self._providers = providers
        self._open_metrics = config.open_metrics
        self._storing = storing
        self._budgets = config.budget

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add all routes to `router`."""
        for route in ROUTES:
            there = self._era is None or self._era in route.eras
            answer = partial(self._answer, route) if there else _not_there
            router.add_route(route.method, route.path, answer)
        for path in ("/healthz", *self._health_paths):
            router.add_get(path, self._health)
        router.add_get("/readyz", self._readiness)
        router.add_get("/metrics", self._metrics_text)

    async def _answer(self, route: ApiRoute, request: web.Request) -> web.Response:
        try:
            viewer = await self._viewer(request)
            has_body = route.method in _WITH_BODY
            body = await _body(request, self._request_seconds) if has_body else {}
            call = ApiCall(
                viewer,
                request.match_info,
                request.query,
                body,
                self._providers,
                self._budgets,
                self._pepper,
                None if self._stored is None else self._stored.seal,
            )
            # To import it takes a while at first, and answers of models must not wait for that.
            work = await asyncio.to_thread(route.work)
            run = self._database.write_async if route.writes else self._database.read_async
            answer = await run(lambda connection: work(connection, call))
        except ApiError as error:
            return _refusal(error)
        except DatabaseAwayError:
            return _json(503, {"message": "The database cannot be used now; try again."})
        except Exception as error:  # noqa: BLE001 - the last line of defence
            # The type alone: messages of exceptions may quote what was sent or recorded.
            _log.error("internal error: %s", type(error).__name__)
            return _json(500, {"message": "An internal server error occurred."})
        if answer.revoked:
            self._authenticator.forget()
        if answer.providers_changed and self._stored is not None:
            await self._stored.look()
        return _answered(answer)

    async def _viewer(self, request: web.Request) -> Actor:
        token = request.headers.get("Coder-Session-Token", "").strip() or bearer(request.headers)
        try:
            actor = await self._authenticator.actor(Secret(token)) if token else None
        except AuthenticationAwayError as error:
            raise ApiError(503, "The token cannot be checked now; try again.") from error
        if actor is None:
            raise ApiError(
                401,
                "You are signed out or your session has expired. Please sign in again to continue.",
                "a token of this gateway is expected in the header Coder-Session-Token",
            )
        return actor

    async def _health(self, _: web.Request) -> web.Response:
        return _text(200, "OK")

    async def _readiness(self, _: web.Request) -> web.Response:
        """Say whether requests can be served: without its database the gateway knows nobody."""
        try:
            await self._database.read_plain_async(_nothing)
        except DatabaseAwayError as error:
            _log.warning("not ready: %s", error)
            return _text(503, "the database cannot be used now")
        except Exception as error:  # noqa: BLE001 - whatever it is, requests cannot be served
            _log.error("not ready: %s", type(error).__name__)
            return _text(503, "the database cannot be used now")
        if not self._storing():
            # A database that is full or read-only still answers.
            return _text(503, "records cannot be stored now")
        return _text(200, "OK")

    async def _metrics_text(self, request: web.Request) -> web.Response:
        try:
            allowed = self._open_metrics or (await self._viewer(request)).admin
        except ApiError as error:
            return _json(error.status, error.document)
        if not allowed:
            return _json(403, {"message": "Metrics are for admins of the gateway."})
        headers = {**_HEADERS, "Content-Type": CONTENT_TYPE}
        body = self._metrics.text(await self._blocked_users())
        return web.Response(body=body, headers=headers)

    async def _blocked_users(self) -> Mapping[str, int]:
        """Count them in the database, which knows of all gateways; nothing while it is away."""
        if not self._budgets:
            return {"": 0}
        work = await asyncio.to_thread(_blocked_users)
        count = partial(work, budgets=self._budgets, now=datetime.now(UTC))
        try:
            return await self._database.read_async(count)
        except DatabaseAwayError:
            return {}


async def _not_there(_: web.Request) -> web.Response:
    return _json(404, {"message": "Route not found."})


def _blocked_users() -> Callable[..., Mapping[str, int]]:
    from provisioner.gateway.management.budgets import blocked_users  # noqa: PLC0415 - as handlers

    return blocked_users


def _nothing(connection: Plain) -> None:
    connection.rows("SELECT 1")


async def _body(request: web.Request, seconds: float) -> Mapping[str, object]:
    try:
        async with asyncio.timeout(seconds):
            document = json.loads(await read_body(request, _MOST_BYTES) or b"{}")
    except BodyTooLargeError as error:
        raise ApiError(413, "The request body is too large.") from error
    except TimeoutError as error:
        raise ApiError(408, "The request body did not arrive in time.") from error
    except (UnreadableBodyError, ValueError, RecursionError) as error:
        raise ApiError(400, "Request body must be valid JSON.") from error
    if not isinstance(document, dict):
        raise ApiError(400, "Request body must be a JSON object.")
    return document


def _answered(answer: ApiAnswer) -> web.Response:
    if answer.document is None:
        return web.Response(status=answer.status, headers=_HEADERS)
    document = answer.document
    if answer.secret is not None and isinstance(document, dict):
        document = {**document, "key": answer.secret.reveal()}
    return _json(answer.status, document)


def _refusal(error: ApiError) -> web.Response:
    response = _json(error.status, error.document)
    if error.status in _UNREAD:
        # What is left of the body would be taken for the next request.
        response.force_close()
    return response


def _json(status: int, document: object) -> web.Response:
    body = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    headers = {**_HEADERS, "Content-Type": "application/json; charset=utf-8"}
    return web.Response(status=status, body=body, headers=headers)


def _text(status: int, line: str) -> web.Response:
    return web.Response(status=status, text=line, headers=_HEADERS)
