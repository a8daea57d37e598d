"""A request in, whether it wants to become a WebSocket out."""

from __future__ import annotations

from aiohttp import web

__all__ = ["is_handshake"]


def is_handshake(request: web.BaseRequest) -> bool:
    """Say whether `request` wants to become a WebSocket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"
