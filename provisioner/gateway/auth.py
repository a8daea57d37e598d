"""A gateway token in, the actor it belongs to out, or none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.tokens import token_hash
from provisioner.redact import Secret

__all__ = ["Authenticator"]

# A revoked token stops working within this time in every process. Only tokens that were found
# are remembered, so a new one works at once and wrong ones cannot fill the memory.
_REMEMBERED_SECONDS = 2.0


class Authenticator:
    """Looks tokens up by hash and remembers the good ones for two seconds."""

    def __init__(
        self,
        find_user: Callable[[str], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take `find_user` (hash → user, may block) and a clock in seconds."""
        self._find_user = find_user
        self._clock = clock
        self._known: dict[str, tuple[float, Actor]] = {}

    async def actor(self, token: Secret) -> Actor | None:
        """Return who `token` belongs to, or None when it is unknown or revoked."""
        key = token_hash(token.reveal())
        known = self._known.get(key)
        now = self._clock()
        if known is not None and now < known[0]:
            return known[1]
        user = await asyncio.to_thread(self._find_user, key)
        if user is None:
            self._known.pop(key, None)
            return None
        actor = Actor(user)
        self._known[key] = (now + _REMEMBERED_SECONDS, actor)
        return actor
