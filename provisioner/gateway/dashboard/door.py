"""Who a browser belongs to: cookie and form in, the actor out; and whether a form is our own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import Authenticator
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.logins import add_login, end_login, login_token
from provisioner.redact import Secret

__all__ = ["COOKIE", "LIFETIME", "Door", "form_of", "from_our_own_page", "our_own_address"]

COOKIE = "provisioner_dashboard"
"""The cookie with the key of a login."""
LIFETIME = timedelta(hours=12)
"""After which a browser must bring the token again."""

_LONGEST_TOKEN = 8_192
_FORM_SECONDS = 10
_FORM = "application/x-www-form-urlencoded"
_ADDRESS = re.compile(r"/ui(?:/sessions|/session|/errors)?(?:\?[!-~]{0,4000})?")


@dataclass(frozen=True, slots=True)
class Door:
    """Lets browsers in by a token, and knows them again by a cookie."""

    database: Database
    authenticator: Authenticator

    async def actor(self, request: web.Request) -> Actor | None:
        """Return who is logged in, None for nobody.

        The token is checked each time, so that it can be revoked. Raises `DatabaseAwayError` and
        `AuthenticationAwayError`.
        """
        key = _key(request)
        if key is None:
            return None
        now = datetime.now(UTC)
        token = await self.database.read_async(lambda c: login_token(c, key, now))
        return await self.authenticator.actor(token) if token is not None else None

    async def log_in(self, request: web.Request, token: str) -> Secret | None:
        """Return the key of a new login, None when the token is not good."""
        secret = Secret(token)
        if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        if await self.authenticator.actor(secret) is None:
            return None
        await self.log_out(request)
        now = datetime.now(UTC)
        return await self.database.write_async(lambda c: add_login(c, secret, now, now + LIFETIME))

    async def log_out(self, request: web.Request) -> None:
        """End the login that the browser has."""
        key = _key(request)
        if key is not None:
            await self.database.write_async(lambda c: end_login(c, key))


def from_our_own_page(request: web.Request) -> bool:
    """Say whether a form was sent by a page of this gateway; programs that are no browser may too.

    A proxy in front may change the host; what the browser says itself of where a request comes
    from is therefore believed first. It says so on HTTPS and on this machine.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def form_of(request: web.Request) -> Mapping[str, str]:
    """Return the fields of the form that was sent; nothing when it is not one, or never ends."""
    if request.content_type != _FORM:
        return {}
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            form = await request.post()
    except TimeoutError:
        return {}
    return {name: value for name, value in form.items() if isinstance(value, str)}


def our_own_address(text: str) -> str:
    """Return `text` when it is the address of a page, else that of the first one."""
    return text if _ADDRESS.fullmatch(text) else "/ui"


def _key(request: web.Request) -> Secret | None:
    value = request.cookies.get(COOKIE, "")
    return Secret(value) if value and value.isascii() else None
