"""Names of hosts in, their addresses out: a name is looked up once at a time, and remembered."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

__all__ = ["Address", "Addresses"]

# As long as aiohttp's client remembers them.
_REMEMBERED_SECONDS = 10.0

Address = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""Family, type, protocol, canonical name and address, as `getaddrinfo` has them."""


class Addresses:
    """Looks names up; many who ask for one that takes long take one thread, not all there are."""

    def __init__(self) -> None:
        """Know no name."""
        self._known: dict[tuple[str, int], tuple[float, Sequence[Address]]] = {}
        self._asked: dict[tuple[str, int], asyncio.Task[Sequence[Address]]] = {}

    async def of(self, host: str, port: int) -> Sequence[Address]:
        """Return the addresses of `host`; raises `OSError` and `UnicodeError`."""
        literal = _literal(host, port)
        if literal is not None:
            return [literal]
        key, loop = (host, port), asyncio.get_running_loop()
        until, known = self._known.get(key, (0.0, ()))
        if loop.time() < until:
            return known
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = loop.create_task(self._ask(host, port))
            asked.add_done_callback(lambda task: self._answered(key, task))
        return await asyncio.shield(asked)

    async def _ask(self, host: str, port: int) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        self._known[host, port] = (loop.time() + _REMEMBERED_SECONDS, found)
        return found

    def _answered(self, key: tuple[str, int], task: asyncio.Task[Sequence[Address]]) -> None:
        del self._asked[key]
        if not task.cancelled():
            # Nobody may be waiting any more.
            task.exception()


def _literal(host: str, port: int) -> Address | None:
    """Return the address that `host` is, unless it is a name or has a zone."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    if "%" in host:
        return None
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    place = (host, port) if version == 4 else (host, port, 0, 0)
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place
