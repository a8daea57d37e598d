"""A body that is known before it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["KnownBody"]


class KnownBody:
    """Yields the chunks it was made of."""

    __slots__ = ("_chunks",)

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Hold `chunks`."""
        self._chunks = iter(chunks)

    def __aiter__(self) -> KnownBody:
        """Return itself: a body is read once."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next chunk."""
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Hold nothing that needs to be let go."""
