"""The dashboard over HTTP: its pages, login and logout, and the files they bring along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import AuthenticationAwayError, Authenticator
from provisioner.gateway.dashboard.asked import Asked
from provisioner.gateway.dashboard.door import (
    COOKIE,
    LIFETIME,
    Door,
    form_of,
    from_our_own_page,
    our_own_address,
)
from provisioner.gateway.dashboard.lists import (
    live_version,
    show_errors,
    show_overview,
    show_sessions,
)
from provisioner.gateway.dashboard.page import Page, rendered, static_file
from provisioner.gateway.dashboard.paths import STATIC_TYPES
from provisioner.gateway.dashboard.session import show_session
from provisioner.gateway.management.call import ApiError
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database

__all__ = ["Dashboard"]

_SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Forms tell with it where they come from.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_NOT_KEPT = {**_SAFE, "Cache-Control": "no-store"}
# The address of a file changes with its content.
_KEPT = {**_SAFE, "Cache-Control": "public, max-age=86400"}

_Show = Callable[[Connection, Asked], Page]
_PAGES: Mapping[str, _Show] = {
    "/ui": show_overview,
    "/ui/sessions": show_sessions,
    "/ui/session": show_session,
    "/ui/errors": show_errors,
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)


class Dashboard:
    """Answers everything that has a path of the dashboard."""

    def __init__(self, database: Database, authenticator: Authenticator) -> None:
        """Show what `database` holds to those whom `authenticator` knows."""
        self._database = database
        self._door = Door(database, authenticator)
        self._handlers: Mapping[str, _Handler] = {
            **{path: partial(self._page, show) for path, show in _PAGES.items()},
            "/ui/": _to_first_page,
            "/ui/live": self._live,
            "/ui/login": self._log_in,
            "/ui/logout": self._log_out,
            **{f"/ui/static/{name}": partial(_file, name) for name in STATIC_TYPES},
        }

    async def answer(self, path: str, request: web.Request) -> web.StreamResponse:
        """Answer a `request` for `path`, one of `PAGES` or `FORMS`; what goes wrong is a page."""
        try:
            return await self._handlers[path](request)
        except ApiError as error:
            problem = error
        except DatabaseAwayError:
            problem = ApiError(503, "The database cannot be used now.", "try again in a moment")
        except AuthenticationAwayError:
            problem = ApiError(503, "The token cannot be checked now.", "try again in a moment")
        except web.HTTPRequestEntityTooLarge:
            problem = ApiError(413, "The form is too large.")
        except Exception as error:  # noqa: BLE001 - the last line of defence
            # The type alone: messages of exceptions may quote what was sent or recorded.
            _log.error("internal error: %s", type(error).__name__)
            problem = ApiError(500, "Something went wrong in the gateway.")
        return await _answered(_problem(problem, None))

    async def _page(self, show: _Show, request: web.Request) -> web.StreamResponse:
        actor = await self._door.actor(request)
        if actor is None:
            # Whoever comes from another site comes without the cookie; from here, with it.
            returned = request.headers.get("Sec-Fetch-Site") == "cross-site"
            return await _login_form(str(request.rel_url), returned=returned)
        asked = _asked(actor, request)
        try:
            page = await self._database.read_async(lambda connection: show(connection, asked))
        except ApiError as error:
            page = _problem(error, actor)
        return await _answered(page)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Say which state the viewer would see now, for pages that wait for another one."""
        actor = await self._door.actor(request)
        if actor is None:
            return web.Response(status=401, headers=_NOT_KEPT)
        asked = _asked(actor, request)
        version = await self._database.read_async(lambda c: live_version(c, asked))
        return web.Response(text=version, headers=_NOT_KEPT)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        if not from_our_own_page(request):
            raise ApiError(403, "The form was sent by another site.", "sign in at /ui")
        form = await form_of(request)
        address = our_own_address(form.get("next", ""))
        key = await self._door.log_in(request, form.get("token", "").strip())
        if key is None:
            return await _login_form(address, refused=True)
        response = _to(address)
        response.set_cookie(
            COOKIE,
            key.reveal(),
            path="/ui",
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
        )
        return response

    async def _log_out(self, request: web.Request) -> web.StreamResponse:
        if not from_our_own_page(request):
            raise ApiError(403, "The form was sent by another site.", "sign out at /ui")
        await self._door.log_out(request)
        response = _to("/ui")
        response.del_cookie(COOKIE, path="/ui", httponly=True, samesite="Strict")
        return response


async def _login_form(
    address: str, *, refused: bool = False, returned: bool = False
) -> web.Response:
    values = {"next": our_own_address(address), "refused": refused, "returned": returned}
    return await _answered(Page("login.html", {**values, "asked": None, "version": ""}, 401))


async def _answered(page: Page) -> web.Response:
    # Large pages take a while, and answers of models must not wait for them.
    body = await asyncio.to_thread(rendered, page)
    headers = {**_NOT_KEPT, "Content-Type": "text/html; charset=utf-8"}
    return web.Response(status=page.status, body=body, headers=headers)


async def _to_first_page(_: web.Request) -> web.Response:
    return _to("/ui")


async def _file(name: str, _: web.Request) -> web.Response:
    headers = {**_KEPT, "Content-Type": f"{STATIC_TYPES[name]}; charset=utf-8"}
    return web.Response(body=static_file(name), headers=headers)


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={**_NOT_KEPT, "Location": address})


def _asked(actor: Actor, request: web.Request) -> Asked:
    return Asked(actor, request.path, request.query, datetime.now(UTC))


def _problem(error: ApiError, actor: Actor | None) -> Page:
    asked = Asked(actor, "/ui", {}, datetime.now(UTC)) if actor else None
    detail = error.document.get("detail", "")
    values = {"message": str(error), "detail": detail, "asked": asked, "version": ""}
    return Page("problem.html", values, error.status)
