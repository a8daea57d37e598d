"""How the gateway speaks: one file for each dialect, chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.deployment_config import Era
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.provider_types import PROVIDER_TYPES

if TYPE_CHECKING:
    from provisioner.gateway.policy.models import Offer
    from provisioner.gateway.router.state import RouterState

__all__ = ["base_paths", "build_dialect", "health_paths"]


def build_dialect(
    config: GatewayConfig, offers: Sequence[Offer] = (), router: RouterState | None = None
) -> Dialect:
    """Return the dialect of `config`; `offers`, or a `router`, are what models choose among.

    The others are not imported.
    """
    if router is not None:
        from provisioner.gateway.dialects.auto_ai_router import AutoAiRouterDialect

        return AutoAiRouterDialect(
            config.auto_ai_router, router.models, has_other_keys=router.config.has_other_keys
        )
    if config.dialect == "langwatch":
        from provisioner.gateway.dialects.langwatch import LangWatchDialect

        return LangWatchDialect(config.langwatch, offers)
    if config.dialect == "openai-compatible":
        from provisioner.gateway.dialects.openai_compatible import OpenAICompatibleDialect

        return OpenAICompatibleDialect(config.provider[0].name)
    from provisioner.gateway.dialects.coder import CoderDialect, CoderSettings

    settings = CoderSettings(
        era=config.era,
        condition=config.condition,
        allow_byok=config.allow_byok,
        budget_usd=config.budget_usd,
    )
    return CoderDialect(settings)


def base_paths(config: GatewayConfig) -> dict[str, str]:
    """Return the path of the base URL that clients are given, for each provider that is on."""
    enabled = [entry for entry in config.provider if entry.enabled]
    if config.dialect != "coder":
        return {entry.name: "/v1" for entry in enabled}
    base = "/api/v2/aibridge" if config.era is Era.V2_32 else "/api/v2/ai-gateway"
    return {
        entry.name: f"{base}/{entry.name}{PROVIDER_TYPES[entry.type].prefix}" for entry in enabled
    }


def health_paths(config: GatewayConfig) -> tuple[str, ...]:
    """Return where health is told besides where every gateway tells it."""
    return ("/health", "/startupz") if config.dialect == "langwatch" else ()
