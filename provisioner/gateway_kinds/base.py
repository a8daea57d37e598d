"""What every gateway kind says: its paths, its provider id in Codex, its token."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GatewayKind"]


@dataclass(frozen=True, slots=True)
class GatewayKind:
    """One kind of AI gateway, as Codex must be told about it."""

    name: str
    title: str
    base_path: str
    """Path of the base URL below the deployment's URL, with `{provider}` in it."""
    provider_id: str
    """Key of the table under `model_providers`."""
    provider_name: str
    """Display name; never `OpenAI`, which makes Codex treat the gateway as OpenAI itself."""
    token_env: str
    """Environment variable with the gateway token."""
    token_help: str
    """Where the user gets a gateway token outside a workspace."""
    token_header: str
    """Header for the token when a personal credential takes the Authorization header."""

    def path_for(self, gateway_provider: str) -> str:
        """Return the path of the base URL for one provider of the gateway."""
        return self.base_path.format(provider=gateway_provider)
