"""Coder deployments: where the AI Gateway is and how it tells its users apart."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data
from provisioner.knowledge.version import Version

__all__ = ["CoderGateway", "coder_gateway"]


class CoderGateway(Struct, frozen=True):
    """The facts a client of Coder's AI Gateway needs."""

    oldest_with_gateway: Version
    user_secrets_since: Version
    api_path: str
    other_api_paths: tuple[str, ...]
    token_header: str
    token_env: str
    provider_id: str
    provider_name: str


@cache
def coder_gateway() -> CoderGateway:
    """Read the knowledge once."""
    data = toml_data("coder.toml")
    return CoderGateway(
        oldest_with_gateway=Version.parse(data["oldest_with_gateway"]),
        user_secrets_since=Version.parse(data["user_secrets_since"]),
        api_path=data["api_path"],
        other_api_paths=tuple(data["other_api_paths"]),
        token_header=data["token_header"],
        token_env=data["token_env"],
        provider_id=data["provider_id"],
        provider_name=data["provider_name"],
    )
