"""What Codex talks to: one file per gateway kind, registered here."""

from __future__ import annotations

from provisioner.gateway_kinds import auto_ai_router, coder, langwatch, openai_compatible
from provisioner.gateway_kinds.base import GatewayKind

__all__ = ["GATEWAY_KINDS", "gateway_kind"]

GATEWAY_KINDS: tuple[GatewayKind, ...] = (
    coder.KIND,
    langwatch.KIND,
    auto_ai_router.KIND,
    openai_compatible.KIND,
)


def gateway_kind(name: str) -> GatewayKind:
    """Return the gateway kind called `name`; `KeyError` for an unknown name."""
    return {item.name: item for item in GATEWAY_KINDS}[name]
