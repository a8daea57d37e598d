"""Any server that speaks the Responses API below a base URL."""

from provisioner.gateway_kinds.base import GatewayKind

__all__ = ["KIND"]

KIND = GatewayKind(
    name="openai-compatible",
    title="OpenAI-compatible gateway",
    base_path="",
    provider_id="gateway",
    provider_name="AI gateway",
    token_env="AI_GATEWAY_API_KEY",  # noqa: S106 - the name of a variable
    token_help="a key for the gateway",  # noqa: S106 - words
    models="whatever the server calls it",
    source="OpenAI's Responses API",
)
