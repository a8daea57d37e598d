"""The providers a gateway serves, and which one and which route of it a path means."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.gateway.config import ProviderConfig
from provisioner.gateway.upstreams.protocol import Upstream
from provisioner.gateway.upstreams.script import BUILT_IN, read_script
from provisioner.gateway.upstreams.scripted import ScriptedUpstream

__all__ = ["Provider", "Route", "RouteKind", "build_providers", "find_route"]


class RouteKind(enum.Enum):
    """What the gateway does with a request."""

    BRIDGED = "bridged"
    """Reads it, records it and sends it on."""
    PASSTHROUGH = "passthrough"
    """Sends it on."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One upstream AI service under the name clients use."""

    name: str
    type: str
    upstream: Upstream


@dataclass(frozen=True, slots=True)
class Route:
    """What a path means: `path` is the part after the provider's `/v1`."""

    provider: Provider
    kind: RouteKind
    path: str


# Provider type → what comes after /<name>/v1. All other paths do not exist: with a central key
# behind it, a gateway must not forward what it does not know.
_ROUTES: Mapping[str, Mapping[str, RouteKind]] = {
    "openai": {"/responses": RouteKind.BRIDGED, "/models": RouteKind.PASSTHROUGH},
}


def build_providers(configs: Iterable[ProviderConfig]) -> dict[str, Provider]:
    """Return the configured providers by name; raises `InputError` for a bad script."""
    return {
        config.name: Provider(config.name, config.type, _upstream(config)) for config in configs
    }


def find_route(providers: Mapping[str, Provider], path: str) -> Route | None:
    """Return what the stripped `path`, such as `/openai/v1/responses`, means."""
    name, slash, rest = path.removeprefix("/").partition("/v1/")
    provider = providers.get(name)
    if provider is None or not slash:
        return None
    kind = _ROUTES[provider.type].get(f"/{rest}")
    return None if kind is None else Route(provider, kind, f"/{rest}")


def _upstream(config: ProviderConfig) -> Upstream:
    return ScriptedUpstream(BUILT_IN if config.script is None else read_script(config.script))
