"""How the gateway speaks: one file for each dialect, chosen here."""

from __future__ import annotations

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.dialects.coder import CoderDialect
from provisioner.gateway.dialects.openai_compatible import OpenAICompatibleDialect
from provisioner.gateway.dialects.protocol import Dialect

__all__ = ["base_paths", "build_dialect"]


def build_dialect(config: GatewayConfig) -> Dialect:
    """Return the dialect that `config` names."""
    if config.dialect == "openai-compatible":
        return OpenAICompatibleDialect(config.provider[0].name)
    return CoderDialect(allow_byok=config.allow_byok)


def base_paths(config: GatewayConfig) -> tuple[str, ...]:
    """Return the paths of the base URLs that clients are given, one for each provider."""
    if config.dialect == "openai-compatible":
        return ("/v1",)
    return tuple(f"/api/v2/aibridge/{entry.name}/v1" for entry in config.provider)
