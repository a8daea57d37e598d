"""The HTTP clients of a gateway: connections to upstreams are shared and kept open."""

from __future__ import annotations

import aiohttp

from provisioner.gateway.upstreams.http_pool import KEPT_SECONDS, HttpPool

__all__ = ["HttpClient"]

_MAX_HEADER_BYTES = 64 * 1024
# What a client did not send, the gateway does not make up.
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class HttpClient:
    """Opens its connections when they are first needed, on the event loop of that moment.

    `pool` has those that go straight to a service.
    """

    def __init__(self) -> None:
        """Start without any connection."""
        self.pool = HttpPool()
        self._session: aiohttp.ClientSession | None = None

    async def session(self) -> aiohttp.ClientSession:
        """Return the session that all upstreams behind proxies share."""
        trust = await self.pool.trust()
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS, ssl=trust),
                # Cookies of one user must not go on with the requests of another.
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_NOT_ADDED,
                max_line_size=_MAX_HEADER_BYTES,
                max_field_size=_MAX_HEADER_BYTES,
            )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        self.pool.close()
        if self._session is not None:
            await self._session.close()
            self._session = None
