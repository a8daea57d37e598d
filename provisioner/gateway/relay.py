"""An upstream's answer out to the client, chunk by chunk as it arrives, read along the way."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from provisioner.gateway.upstreams.protocol import ByteStream

__all__ = ["cut", "event_response", "read_all", "relay"]


def event_response() -> web.StreamResponse:
    """Return an event stream to be sent, with the headers of Coder's gateway and no others."""
    headers = {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-cache",
        "Connection": "keep-alive",
        # Tells proxies in between not to buffer.
        "X-Accel-Buffering": "no",
    }
    return web.StreamResponse(headers=headers)


async def relay(
    body: ByteStream, response: web.StreamResponse, read_along: Callable[[bytes], None]
) -> None:
    """Send the chunks of `body` on as they arrive, bytes unchanged.

    `read_along` gets each chunk after the client: nothing that is done with it delays the answer.
    """
    async for chunk in body:
        await response.write(chunk)
        read_along(chunk)


async def read_all(body: ByteStream) -> bytes:
    """Return the whole `body`."""
    return b"".join([chunk async for chunk in body])


def cut(request: web.Request) -> None:
    """Close the connection of `request` in the middle of its answer, after what was written."""
    if request.transport is not None:
        request.transport.close()
