"""Straight to the service: a request out on a connection of the pool, its answer back."""

from __future__ import annotations

from urllib.parse import unquote

from multidict import CIMultiDict
from yarl import URL

from provisioner.gateway.upstreams.http_connection import HttpConnection, UnusableError
from provisioner.gateway.upstreams.http_inflate import inflated
from provisioner.gateway.upstreams.http_pool import HttpPool, Origin
from provisioner.gateway.upstreams.http_trouble import (
    BROKE_OFF,
    SILENT,
    failure,
    is_usable,
    why_broken,
    why_not_connected,
)
from provisioner.gateway.upstreams.protocol import (
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)

__all__ = ["DirectWay"]

# Others say how long they are, be it nothing.
_WITHOUT_LENGTH = frozenset({"DELETE", "GET", "HEAD", "OPTIONS"})
# To ask twice is as good as once (RFC 9110, 9.2.2).
_REPEATABLE = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT"})


class _DirectBody:
    """The body of one answer, as it arrives."""

    __slots__ = ("_connection", "_origin", "_pool")

    def __init__(self, connection: HttpConnection, pool: HttpPool, origin: Origin) -> None:
        self._connection: HttpConnection | None = connection
        self._pool = pool
        self._origin = origin

    def __aiter__(self) -> _DirectBody:
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        try:
            chunk = await self._connection.more()
        except TimeoutError as error:
            raise UpstreamError(SILENT) from error
        except (OSError, UnusableError) as error:
            raise UpstreamError(BROKE_OFF) from error
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def begun(self) -> bool:
        """Say whether some of it has arrived."""
        return self._connection is not None and self._connection.begun

    def ended(self) -> bool:
        """Say whether all of it was read."""
        return self._connection is None or self._connection.is_read

    async def aclose(self) -> None:
        """Let the connection be used again if all was read, else close it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if connection.is_read:
            self._pool.give(self._origin, connection)
        else:
            connection.close()


class DirectWay:
    """Asks one service."""

    def __init__(self, base_url: str, pool: HttpPool, connect: float, idle: float) -> None:
        """Ask the service at `base_url`; the seconds are for connecting, and for silence."""
        url = URL(base_url)
        # In ASCII, as by the standard that is in force: Python's own would ask for another name.
        host = unquote(url.raw_host or "")
        self._origin = Origin(host, url.port or 0, url.scheme == "https")
        self._path = url.raw_path.rstrip("/")
        self._named = url.raw_authority
        self._place = f"{url.host}:{url.port}"
        self._pool = pool
        self._connect_seconds = connect
        self._idle_seconds = idle

    async def ask(
        self,
        request: UpstreamRequest,
        headers: CIMultiDict[str],
        body: bytes,
        seconds: float | None,
    ) -> UpstreamResponse:
        """Return the answer to `request`, sent with other `headers` and `body`.

        All of it may take `seconds`; a silence ends it anyway. Raises `UpstreamError`.
        """
        try:
            head = self._head(request, headers, len(body))
        except ValueError as error:
            raise UpstreamError(f"no usable answer from {self._place}") from error
        kept = self._pool.kept(self._origin)
        try:
            connection = kept or await self._connected()
            return await self._asked(connection, request, head, body, seconds)
        except UpstreamError as error:
            if kept is None or not self._may_repeat(request, kept, error):
                raise
        # The upstream closed it just when it was taken.
        return await self._asked(await self._connected(), request, head, body, seconds)

    def _may_repeat(
        self, request: UpstreamRequest, kept: HttpConnection, error: UpstreamError
    ) -> bool:
        lost = isinstance(error.__cause__, ConnectionError) and kept.is_silent
        return lost and request.method in _REPEATABLE

    async def _asked(
        self,
        connection: HttpConnection,
        request: UpstreamRequest,
        head: bytes,
        body: bytes,
        seconds: float | None,
    ) -> UpstreamResponse:
        idle = self._idle_seconds if seconds is None else seconds
        is_head = request.method == "HEAD"
        try:
            await connection.ask(head, body, is_bodiless=is_head, idle=idle, total=seconds)
        except (OSError, UnusableError) as error:
            raise failure(error, why_broken(error, self._place)) from error
        answered = _DirectBody(connection, self._pool, self._origin)
        try:
            found = _headers(connection)
            stream = inflated(answered, found.get("Content-Encoding", ""))
        except UnusableError as error:
            connection.close()
            raise failure(error, why_broken(error, self._place)) from error
        return UpstreamResponse(connection.status, found, stream, progress=stream)

    async def _connected(self) -> HttpConnection:
        try:
            return await self._pool.opened(self._origin, self._connect_seconds)
        except (OSError, UnicodeError) as error:
            why = why_not_connected(error, self._origin.host, self._place)
            raise failure(error, why) from error

    def _head(self, request: UpstreamRequest, headers: CIMultiDict[str], length: int) -> bytes:
        query = f"?{request.query}" if request.query else ""
        target = f"{self._path}{request.path or '/'}{query}"
        lines = [
            f"{request.method} {target} HTTP/1.1",
            f"Host: {self._named}",
            *map(": ".join, headers.items()),
        ]
        if length or request.method not in _WITHOUT_LENGTH:
            lines.append(f"Content-Length: {length}")
        head = "\r\n".join([*lines, "", ""])
        _refuse_breaks(target, head, len(lines) + 1)
        return head.encode("utf-8", "surrogateescape")


def _headers(connection: HttpConnection) -> CIMultiDict[str]:
    found = CIMultiDict(connection.headers)
    if not is_usable(connection.status, found.values()):
        raise UnusableError
    return found


def _refuse_breaks(target: str, head: str, lines: int) -> None:
    """Raise `ValueError` when the target or a line of `head` holds what would end it."""
    breaks = head.count("\r"), head.count("\n")
    if " " in target or breaks != (lines, lines) or "\0" in head:
        raise ValueError("a header breaks its line")
