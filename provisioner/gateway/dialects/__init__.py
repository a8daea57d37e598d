"""How the gateway speaks: one file for each dialect, chosen here."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects.auto_ai_router import AutoAiRouterDialect
from provisioner.gateway.dialects.coder import CoderDialect, CoderSettings
from provisioner.gateway.dialects.langwatch import LangWatchDialect
from provisioner.gateway.dialects.openai_compatible import OpenAICompatibleDialect
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.policy.models import Offer
from provisioner.gateway.provider_types import PROVIDER_TYPES
from provisioner.gateway.router.state import RouterState

__all__ = ["base_paths", "build_dialect", "health_paths"]


def build_dialect(
    config: GatewayConfig, offers: Sequence[Offer] = (), router: RouterState | None = None
) -> Dialect:
    """Return the dialect of `config`; `offers`, or a `router`, are what models choose among."""
    if router is not None:
        return AutoAiRouterDialect(
            config.auto_ai_router, router.models, has_other_keys=router.config.has_other_keys
        )
    if config.dialect == "langwatch":
        return LangWatchDialect(config.langwatch, offers)
    if config.dialect == "openai-compatible":
        return OpenAICompatibleDialect(config.provider[0].name)
    settings = CoderSettings(
        era=config.era,
        condition=config.condition,
        allow_byok=config.allow_byok,
        budget_usd=config.budget_usd,
    )
    return CoderDialect(settings)


def base_paths(config: GatewayConfig) -> tuple[str, ...]:
    """Return the paths of the base URLs that clients are given, one for each provider."""
    if config.dialect != "coder":
        return ("/v1",)
    return tuple(
        f"/api/v2/aibridge/{entry.name}{PROVIDER_TYPES[entry.type].prefix}"
        for entry in config.provider
    )


def health_paths(config: GatewayConfig) -> tuple[str, ...]:
    """Return where health is told besides where every gateway tells it."""
    return ("/health", "/startupz") if config.dialect == "langwatch" else ()
