"""Connections to upstreams, kept open for the next question to the same place."""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache
from typing import NamedTuple

from provisioner.gateway.upstreams.http_connection import HttpConnection

__all__ = ["HttpPool", "Origin"]

# Less than servers usually wait: a connection that is just being closed must not be taken.
_KEPT_SECONDS = 15.0
# After this time the next address of a host is tried too (RFC 8305).
_NEXT_ADDRESS_SECONDS = 0.25


class Origin(NamedTuple):
    """Where a connection goes to."""

    host: str
    port: int
    is_tls: bool


class HttpPool:
    """Opens connections when they are needed, on the event loop of that moment."""

    def __init__(self) -> None:
        """Start without any connection."""
        self._idle: dict[Origin, list[tuple[float, HttpConnection]]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def take(self, origin: Origin, seconds: float) -> HttpConnection:
        """Return a connection to `origin`, a new one within `seconds`; raises `OSError`."""
        loop = asyncio.get_running_loop()
        idle = self._idle.get(origin)
        while idle:
            since, kept = idle.pop()
            if kept.reusable and loop.time() < since + _KEPT_SECONDS:
                return kept
            kept.close()
        async with asyncio.timeout(seconds):
            context = await loop.run_in_executor(None, _trusting) if origin.is_tls else None
            _, made = await loop.create_connection(
                HttpConnection,
                origin.host,
                origin.port,
                ssl=context,
                happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
            )
        return made

    def give(self, origin: Origin, connection: HttpConnection) -> None:
        """Keep `connection`, whose answer was read, unless it cannot be used again."""
        if not connection.reusable:
            connection.close()
            return
        connection.rest()
        loop = asyncio.get_running_loop()
        self._idle.setdefault(origin, []).append((loop.time(), connection))
        if self._sweep is None:
            self._sweep = loop.call_later(_KEPT_SECONDS, self._sweep_old, loop)

    def close(self) -> None:
        """Close all connections that are kept."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for _, connection in (entry for idle in self._idle.values() for entry in idle):
            connection.close()
        self._idle.clear()

    def _sweep_old(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._sweep = loop.time(), None
        for origin, idle in list(self._idle.items()):
            fresh = [entry for entry in idle if now < entry[0] + _KEPT_SECONDS]
            for _, connection in idle[: len(idle) - len(fresh)]:
                connection.close()
            if fresh:
                self._idle[origin] = fresh
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep = loop.call_later(_KEPT_SECONDS, self._sweep_old, loop)


@lru_cache(maxsize=1)
def _trusting() -> ssl.SSLContext:
    """Return what certificates are judged by; to read the system's takes many milliseconds."""
    return ssl.create_default_context()
