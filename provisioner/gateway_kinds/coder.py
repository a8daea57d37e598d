"""Coder's AI Gateway."""

from provisioner.gateway_kinds.base import GatewayKind
from provisioner.knowledge.coder import coder_gateway

__all__ = ["KIND"]

_FACTS = coder_gateway()

KIND = GatewayKind(
    name="coder",
    title="Coder AI Gateway",
    base_path=_FACTS.api_path + "/{provider}/v1",
    other_paths=tuple(f"{path}/{{provider}}/v1" for path in _FACTS.other_api_paths),
    provider_id=_FACTS.provider_id,
    provider_name=_FACTS.provider_name,
    token_env=_FACTS.token_env,
    token_help="a Coder API token, from `coder tokens create --lifetime 30d -n codex`",  # noqa: S106 - words, not a token
    models="a name of the provider, passed on as it is",
    source="coder/coder documentation and code, April to September 2026",
    flows=frozenset({"centralized", "byok", "chatgpt"}),
    token_header=_FACTS.token_header,
)
