"""Tokens that others made: a Coder deployment or a webhook says whose they are.

What is asked is fixed, so that no request can choose where its token goes: one address, no
redirects. Whatever is not a clear yes is a no.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from provisioner.gateway.actor import Actor
from provisioner.gateway.auth import AuthenticationAwayError
from provisioner.gateway.token_check_config import TokenCheckConfig
from provisioner.gateway.trust import system_trust
from provisioner.redact import Secret

__all__ = ["HttpTokenCheck"]

_SECONDS = 5
_MAX_BYTES = 256 * 1024
_MOST_CONNECTIONS = 32
# Those who see what all users did, in Coder.
_CODER_ADMINS = {"owner", "auditor"}


class HttpTokenCheck:
    """Asks the address in a configuration; use and close it on one event loop."""

    def __init__(self, config: TokenCheckConfig, own_secret: Secret | None) -> None:
        """Ask as `config` says; a webhook gets `own_secret` to know who asks."""
        self.remembered_seconds = config.cache_seconds
        self._config = config
        self._own_secret = own_secret
        self._session: aiohttp.ClientSession | None = None

    async def actor(self, token: Secret) -> Actor | None:
        """Return who `token` belongs to, or None; raises `AuthenticationAwayError`."""
        # A header or a form cannot carry every byte that a request may bring.
        if not token.reveal().isascii() or not token.reveal().isprintable():
            return None
        ask = self._ask_coder if self._config.kind == "coder" else self._ask_webhook
        try:
            return await ask(token)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise AuthenticationAwayError from error

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask_coder(self, token: Secret) -> Actor | None:
        url = f"{self._config.url}/api/v2/users/me"
        headers = {"Coder-Session-Token": token.reveal(), "Accept": "application/json"}
        user = await self._answer("GET", url, headers, None)
        if user is None or user.get("status") != "active":
            return None
        roles = [role.get("name") for role in user.get("roles") or () if isinstance(role, dict)]
        return _actor(user.get("id"), user.get("username"), (), not _CODER_ADMINS.isdisjoint(roles))

    async def _ask_webhook(self, token: Secret) -> Actor | None:
        headers = {"Accept": "application/json"}
        if self._own_secret is not None:
            headers["Authorization"] = f"Bearer {self._own_secret.reveal()}"
        user = await self._answer("POST", self._config.url, headers, {"token": token.reveal()})
        if user is None or user.get("active") is not True:
            return None
        groups = user.get("groups")
        listed = groups if isinstance(groups, list) else ()
        return _actor(user.get("sub"), user.get("username"), listed, user.get("admin") is True)

    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> dict[str, Any] | None:
        """Return the document that was answered, None for a refusal."""
        session = await self._opened()
        async with session.request(
            method, url, headers=headers, data=form, allow_redirects=False
        ) as response:
            if response.status in {401, 403, 404}:
                return None
            if response.status != 200:
                raise AuthenticationAwayError
            body = await response.content.read(_MAX_BYTES)
        document = json.loads(body)
        return document if isinstance(document, dict) else None

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trust = await asyncio.to_thread(system_trust)
            # Another one may have been faster.
            self._session = self._session or aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
                connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, ssl=trust),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _actor(user_id: object, name: object, groups: Any, admin: bool) -> Actor | None:  # noqa: ANN401, FBT001
    if not isinstance(user_id, str) or not isinstance(name, str) or not user_id or not name:
        return None
    names = frozenset(group for group in groups if isinstance(group, str))
    return Actor(name, user_id, names, admin)
