"""The LangWatch AI gateway: virtual keys, hosted or self-hosted.

Its page tells users to set OPENAI_BASE_URL, which Codex ignores, or to paste a table above the root
keys, which then fall under it; measured on 0.169.
"""

from provisioner.gateway_kinds.base import GatewayKind

__all__ = ["KIND"]

KIND = GatewayKind(
    name="langwatch",
    title="LangWatch AI Gateway",
    base_path="/v1",
    provider_id="langwatch",
    provider_name="LangWatch",
    token_env="LANGWATCH_VK",  # noqa: S106 - the name of a variable
    token_help="a LangWatch virtual key, which starts with vk-lw-",  # noqa: S106 - words
    models="`provider/model`, an alias of the virtual key, or a name that a provider of it knows",
    source="langwatch/langwatch 6ce6cbb, August 2026, its documentation and gateway",
    default_url="https://gateway.langwatch.ai",
)
