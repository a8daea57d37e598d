"""The configured providers in, what they can be asked for out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from provisioner.gateway.policy.models import Offer
from provisioner.gateway.provider_config import ProviderConfig
from provisioner.gateway.providers import Provider

__all__ = ["build_offers"]

_KINDS = {"chatgpt": "openai", "openai-chat": "custom"}
_INSIDE = ("scripted", "replay")
_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_APIS = ("responses", "chat/completions", "messages")


def build_offers(
    configs: Iterable[ProviderConfig], providers: Mapping[str, Provider]
) -> tuple[Offer, ...]:
    """Return what those of `providers` offer that are configured, in the order of `configs`."""
    return tuple(_offers(configs, providers))


def _offers(
    configs: Iterable[ProviderConfig], providers: Mapping[str, Provider]
) -> Iterator[Offer]:
    for config in configs:
        provider = providers.get(config.name)
        if provider is not None:
            apis = frozenset(filter(provider.speaks, _APIS))
            yield Offer(provider, _kind(config), config.serves, apis)


def _kind(config: ProviderConfig) -> str:
    """Return which kind of service it is: what prefixes of names and patterns mean."""
    if config.upstream in _INSIDE:
        return config.type
    host = urlsplit(config.url).hostname or ""
    if config.upstream == "openai" and host.endswith(_AZURE):
        return "azure"
    return _KINDS.get(config.upstream, config.upstream)
