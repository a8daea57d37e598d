"""A compressed body in, the same in the clear out, in pieces of limited size."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

from provisioner.gateway.upstreams.http_connection import UnusableError
from provisioner.gateway.upstreams.http_trouble import BROKE_OFF
from provisioner.gateway.upstreams.protocol import ByteStream, Progress, UpstreamError

__all__ = ["inflated"]

_PIECE = 256 * 1024
_READABLE = frozenset({"gzip", "x-gzip", "deflate"})


class _Body(ByteStream, Progress, Protocol):
    """A body that knows how far it is."""


class _Inflated:
    """The clear text of `body`."""

    __slots__ = ("_body", "_inflate", "_is_more", "_left")

    def __init__(self, body: _Body) -> None:
        self._body = body
        self._inflate: Any = None
        self._left = b""
        # zlib may hold on to text when all that came is used up.
        self._is_more = False

    def __aiter__(self) -> _Inflated:
        return self

    async def __anext__(self) -> bytes:
        while True:
            if not (self._left or self._is_more):
                self._left = await anext(aiter(self._body), b"")
                if not self._left:
                    if self._inflate is not None and not self._inflate.eof:
                        raise UpstreamError(BROKE_OFF)
                    raise StopAsyncIteration
            piece = self._read()
            if piece:
                return piece

    def _read(self) -> bytes:
        if self._left and (self._inflate is None or self._inflate.eof):
            # At the start, and where one member follows another.
            self._inflate = zlib.decompressobj(_window(self._left[0]))
        try:
            piece: bytes = self._inflate.decompress(self._left, _PIECE)
        except zlib.error as error:
            raise UpstreamError(BROKE_OFF) from error
        self._is_more = len(piece) == _PIECE
        self._left = self._inflate.unconsumed_tail or self._inflate.unused_data
        return piece

    def begun(self) -> bool:
        """Say no: what has arrived may be nothing yet."""
        return False

    def ended(self) -> bool:
        """Say no: the end shows when more is asked for."""
        return False

    async def aclose(self) -> None:
        """Close the body."""
        await self._body.aclose()


def inflated(body: _Body, encoding: str) -> _Body:
    """Return `body` without its `encoding`; raises `UnusableError` for one nobody asked for."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in _READABLE:
        raise UnusableError
    return _Inflated(body)


def _window(first: int) -> int:
    """Return zlib's number for a stream that begins with that byte; `deflate` means two things."""
    if first & 0x0F == 8:
        return zlib.MAX_WBITS
    return 16 + zlib.MAX_WBITS if first == 0x1F else -zlib.MAX_WBITS
