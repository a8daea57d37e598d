"""How the gateway speaks: one file for each dialect, chosen here."""

from __future__ import annotations

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects.coder import CoderDialect, CoderSettings
from provisioner.gateway.dialects.openai_compatible import OpenAICompatibleDialect
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.provider_types import PROVIDER_TYPES

__all__ = ["base_paths", "build_dialect"]


def build_dialect(config: GatewayConfig) -> Dialect:
    """Return the dialect that `config` names."""
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
    if config.dialect == "openai-compatible":
        return ("/v1",)
    return tuple(
        f"/api/v2/aibridge/{entry.name}{PROVIDER_TYPES[entry.type].prefix}"
        for entry in config.provider
    )
