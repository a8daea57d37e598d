"""The router's master key, which opens everything."""

from __future__ import annotations

import hmac

from provisioner.gateway.actor import Actor
from provisioner.redact import Secret

__all__ = ["MasterKey"]

_ACTOR = Actor("master-key", id="router-master-key", admin=True)


class MasterKey:
    """Knows one key."""

    remembered_seconds = 60.0

    def __init__(self, key: Secret) -> None:
        """Compare with `key`, in a time that does not tell where they differ."""
        self._key = key.reveal().encode(errors="surrogateescape")

    async def actor(self, token: Secret) -> Actor | None:
        """Return who comes with the master key, None for any other token."""
        given = token.reveal().encode(errors="surrogateescape")
        return _ACTOR if hmac.compare_digest(given, self._key) else None

    async def close(self) -> None:
        """Do nothing: nobody is asked."""
