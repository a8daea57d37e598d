"""config.toml → what decides where Codex sends a request and with which credential."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ConfigFacts", "config_facts"]

_CONFIG = "config.toml"
_PROFILE_SUFFIX = ".config.toml"


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """The selected model provider, and the names around it."""

    provider_id: str
    provider_name: str
    base_url: str
    env_key: str
    requires_openai_auth: bool
    http_headers: Mapping[str, str]
    env_http_headers: Mapping[str, str]
    query_params: Mapping[str, str]
    supports_websockets: bool
    models: tuple[str, ...]
    """Models that the config and its profiles name."""
    profiles: tuple[str, ...]

    @property
    def sends_stored_login(self) -> bool:
        """Whether auth.json is what this provider is meant to be given."""
        return self.requires_openai_auth and not self.env_key

    @property
    def takes_no_credential(self) -> bool:
        """Whether the provider names no credential at all."""
        return not self.requires_openai_auth and not self.env_key


def config_facts(files: Mapping[str, str]) -> ConfigFacts:
    """Read the facts from the files of a Codex home, profile files included."""
    config = tomllib.loads(files[_CONFIG])
    provider_id = str(config.get("model_provider", ""))
    table: Mapping[str, Any] = config.get("model_providers", {}).get(provider_id, {})
    profiles: dict[str, Mapping[str, Any]] = dict(config.get("profiles", {}))
    for name, text in files.items():
        if name != _CONFIG and name.endswith(_PROFILE_SUFFIX):
            profiles[name.removesuffix(_PROFILE_SUFFIX)] = tomllib.loads(text)
    named = [config.get("model"), *(profile.get("model") for profile in profiles.values())]
    return ConfigFacts(
        provider_id=provider_id,
        provider_name=table.get("name", ""),
        base_url=str(table.get("base_url", "")).removesuffix("/"),
        env_key=table.get("env_key", ""),
        requires_openai_auth=table.get("requires_openai_auth", False),
        http_headers=table.get("http_headers", {}),
        env_http_headers=table.get("env_http_headers", {}),
        query_params=table.get("query_params", {}),
        supports_websockets=table.get("supports_websockets", False),
        models=tuple(dict.fromkeys(model for model in named if model)),
        profiles=tuple(profiles),
    )
