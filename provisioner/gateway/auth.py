"""A gateway token in, the actor it belongs to out, or none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.tokens import TOKEN_PREFIX, FoundToken, token_hash
from provisioner.gateway.virtual_key import KEY_PREFIX
from provisioner.redact import Secret

__all__ = ["AuthenticationAwayError", "Authenticator", "TokenCheck"]

# A token revoked through another process stops working within this time.
_REMEMBERED_SECONDS = 0.5
# While the database is away nobody can revoke anything: who was let in lately may go on.
_GRACE_SECONDS = 30.0
_REFUSED_SECONDS = 1.0
_MOST_REFUSED = 1_000


class AuthenticationAwayError(Exception):
    """Whoever knows the token cannot be asked; nobody is let in meanwhile."""


class TokenCheck(Protocol):
    """Somebody else who knows tokens."""

    remembered_seconds: float
    """For how long an answer holds."""

    async def actor(self, token: Secret) -> Actor | None:
        """Return who `token` belongs to, or None; raises `AuthenticationAwayError`."""


class _Known(Struct, frozen=True):
    actor: Actor
    until: float
    grace_until: float
    expires_at: datetime | None = None
    token_id: str = ""

    def holds(self, until: float, now: float) -> bool:
        if self.expires_at is not None and self.expires_at <= datetime.now(UTC):
            return False
        return now < until


class Authenticator:
    """Looks tokens up by hash and remembers the good ones for a moment, and what their hash is.

    To hash costs 2 in 100 of what a gateway adds to an answer: OpenSSL is in no cache of the CPU.
    Only tokens that were found are remembered, so a new one works at once; wrong ones are
    remembered, as many as have room, only to spare those who are asked besides the gateway.
    """

    def __init__(
        self,
        find: Callable[[str], Awaitable[FoundToken | None]],
        check: TokenCheck | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        hashed: Callable[[str], str] = token_hash,
        state: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        """Take `find` (hash → token), whom else to ask, a clock in seconds, and how to hash.

        `state` says of a hash why its token is not good any more.
        """
        self._state = state
        self.hashed = hashed
        self._find = find
        self._check = check
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._hashes: dict[str, str] = {}
        self._refused: dict[str, float] = {}
        self._asked: dict[str, asyncio.Task[Actor | None]] = {}
        self._used: dict[str, datetime] = {}
        self._revoked = 0

    async def actor(self, token: Secret) -> Actor | None:
        """Return who `token` belongs to, or None when it is unknown, expired or revoked.

        Raises `AuthenticationAwayError`.
        """
        value, now = token.reveal(), self._clock()
        key = self._hashes.get(value) or self.hashed(value)
        known = self._known.get(key)
        if known is not None and known.holds(known.until, now):
            self._remember_hash(value, key)
            return self._let_in(known)
        if now < self._refused.get(key, 0.0):
            return None
        asked = self._asked.get(key)
        if asked is None:
            # Many requests with one token ask once.
            asked = self._asked[key] = asyncio.create_task(self._ask(key, token, known))
            asked.add_done_callback(lambda task: self._answered(key, task))
        return await asyncio.shield(asked)

    def _remember_hash(self, value: str, key: str) -> None:
        # Only of good ones: wrong ones may be any number, and as long as headers may be.
        if not self._hashes:
            asyncio.get_running_loop().call_later(_REMEMBERED_SECONDS, self._hashes.clear)
        self._hashes[value] = key

    def _answered(self, key: str, task: asyncio.Task[Actor | None]) -> None:
        self._asked.pop(key, None)
        if not task.cancelled():
            # Whoever asked may have gone.
            task.exception()

    async def state(self, token: Secret) -> str:
        """Return why a refused `token` is not good any more, empty for one that is not known.

        Raises `AuthenticationAwayError`.
        """
        if self._state is None:
            return ""
        try:
            return await self._state(self.hashed(token.reveal()))
        except DatabaseAwayError as error:
            raise AuthenticationAwayError from error

    def forget(self) -> None:
        """Ask again for every token: one was revoked in this process."""
        self._revoked += 1
        self._hashes.clear()
        self._known.clear()
        self._asked.clear()

    def take_used(self) -> dict[str, datetime]:
        """Return the tokens used since the last call: id → when."""
        used, self._used = self._used, {}
        return used

    async def _ask(self, key: str, token: Secret, before: _Known | None) -> Actor | None:
        revoked, now = self._revoked, self._clock()
        try:
            known = await self._ask_database(key, now) or await self._ask_others(token, now)
        except DatabaseAwayError as error:
            if before is not None and before.holds(before.grace_until, now):
                return self._let_in(before)
            raise AuthenticationAwayError from error
        if known is None:
            self._known.pop(key, None)
            self._remember_refused(key, now)
            return None
        if revoked == self._revoked:
            self._known[key] = known
        return self._let_in(known)

    async def _ask_database(self, key: str, now: float) -> _Known | None:
        found = await self._find(key)
        if found is None:
            return None
        until, grace = now + _REMEMBERED_SECONDS, now + _GRACE_SECONDS
        return _Known(found.actor, until, grace, found.expires_at, found.id)

    async def _ask_others(self, token: Secret, now: float) -> _Known | None:
        # What this gateway made is nobody else's business.
        if self._check is None or token.reveal().startswith((TOKEN_PREFIX, KEY_PREFIX)):
            return None
        actor = await self._check.actor(token)
        return _Known(actor, now + self._check.remembered_seconds, 0.0) if actor else None

    def _remember_refused(self, key: str, now: float) -> None:
        if self._check is None:
            return
        if len(self._refused) >= _MOST_REFUSED:
            self._refused.clear()
        self._refused[key] = now + _REFUSED_SECONDS

    def _let_in(self, known: _Known) -> Actor:
        if known.token_id:
            self._used[known.token_id] = datetime.now(UTC)
        return known.actor
