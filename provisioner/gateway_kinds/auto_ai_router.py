"""Auto AI Router: one server in front of many backends, told apart by model name.

Its page has a provider and one `[profiles.NAME]` for each backend, which Codex from 0.134 on
refuses; the same settings work there as NAME.config.toml. Measured on 0.122, 0.134 and 0.169.
"""

from provisioner.gateway_kinds.base import GatewayKind

__all__ = ["KIND"]

KIND = GatewayKind(
    name="auto-ai-router",
    title="Auto AI Router",
    base_path="/v1",
    provider_id="router",
    provider_name="Auto AI Router",
    token_env="AUTO_AI_ROUTER_KEY",  # noqa: S106 - the name of a variable
    token_help="the router's master key, or a key it knows",  # noqa: S106 - words
    models="a name of its configuration, which says the backend",
    source="documentation of Auto AI Router",
)
