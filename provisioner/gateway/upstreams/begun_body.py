"""An answer in, the same out once its first chunk is there: until then another may be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec.structs import replace

from provisioner.gateway.upstreams.protocol import ByteStream, UpstreamResponse

__all__ = ["begun"]


class _BegunBody:
    def __init__(self, first: bytes, rest: AsyncIterator[bytes], body: ByteStream) -> None:
        self._first = first
        self._rest = rest
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._first
        async for chunk in self._rest:
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


async def begun(answer: UpstreamResponse) -> UpstreamResponse:
    """Return `answer` with its first chunk at hand; raises `UpstreamError`, and it is closed."""
    rest = aiter(answer.body)
    try:
        first = await anext(rest, b"")
    except BaseException:
        await answer.body.aclose()
        raise
    return replace(answer, body=_BegunBody(first, rest, answer.body))
