"""Connections to upstreams, kept open for the next question to the same place."""

from __future__ import annotations

import asyncio
import ssl
from typing import NamedTuple

import aiohappyeyeballs

from provisioner.gateway.trust import system_trust
from provisioner.gateway.upstreams.http_addresses import Addresses
from provisioner.gateway.upstreams.http_connection import HttpConnection

__all__ = ["KEPT_SECONDS", "HttpPool", "Origin"]

KEPT_SECONDS = 15.0
"""Less than most servers wait: a connection that is just being closed should not be taken."""
# After this time the next address of a host is tried too (RFC 8305).
_NEXT_ADDRESS_SECONDS = 0.25


class Origin(NamedTuple):
    """Where a connection goes to; the `host` is as names are looked up, in ASCII."""

    host: str
    port: int
    is_tls: bool


class HttpPool:
    """Opens connections when they are needed; use it on one event loop."""

    def __init__(self) -> None:
        """Start without any connection."""
        self._idle: dict[Origin, list[tuple[float, HttpConnection]]] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._addresses = Addresses()
        self._trusted: ssl.SSLContext | None = None
        self._is_closed = False

    def kept(self, origin: Origin) -> HttpConnection | None:
        """Return a connection to `origin` that is there already, if there is one."""
        idle = self._idle.get(origin)
        while idle:
            since, connection = idle.pop()
            if connection.reusable and asyncio.get_running_loop().time() < since + KEPT_SECONDS:
                return connection
            connection.close()
        return None

    async def opened(self, origin: Origin, seconds: float) -> HttpConnection:
        """Return a new connection to `origin`, made in `seconds`.

        Raises `OSError`, and `UnicodeError` for a host that cannot be one.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(seconds):
            addresses = await self._addresses.of(origin.host, origin.port)
            connected = await aiohappyeyeballs.start_connection(
                addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, interleave=1
            )
            try:
                _, made = await loop.create_connection(
                    HttpConnection,
                    sock=connected,
                    ssl=await self.trust() if origin.is_tls else None,
                    # A certificate never names the root, at the end of a whole name.
                    server_hostname=origin.host.rstrip(".") if origin.is_tls else None,
                )
            except BaseException:
                connected.close()
                raise
        return made

    def give(self, origin: Origin, connection: HttpConnection) -> None:
        """Keep `connection`, whose answer was read, unless it cannot be used again."""
        if self._is_closed or not connection.reusable:
            connection.close()
            return
        connection.rest()
        loop = asyncio.get_running_loop()
        self._idle.setdefault(origin, []).append((loop.time(), connection))
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_SECONDS, self._sweep_old, loop)

    def close(self) -> None:
        """Close all connections that are kept, and keep no more."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for _, connection in (entry for idle in self._idle.values() for entry in idle):
            connection.close()
        self._idle.clear()

    def _sweep_old(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._sweep = loop.time(), None
        for origin, idle in list(self._idle.items()):
            fresh = [entry for entry in idle if now < entry[0] + KEPT_SECONDS]
            for _, connection in idle[: len(idle) - len(fresh)]:
                connection.close()
            if fresh:
                self._idle[origin] = fresh
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep = loop.call_later(KEPT_SECONDS, self._sweep_old, loop)

    async def trust(self) -> ssl.SSLContext:
        """Return what certificates are judged by; to read the system's takes many milliseconds."""
        if self._trusted is None:
            self._trusted = await asyncio.to_thread(system_trust)
        return self._trusted
