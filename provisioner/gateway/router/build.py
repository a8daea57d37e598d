"""The configuration in, what a gateway needs of the router out; nothing for other dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from provisioner.errors import InputError
from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.providers import Provider, build_providers
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.router.parts import RouterParts
    from provisioner.router_file.model import RouterConfig

__all__ = ["read_router", "router_parts", "served_providers"]


def read_router(config: GatewayConfig) -> RouterConfig | None:
    """Return what the router's file says; raises `InputError`."""
    if config.router_config is None:
        return None
    # Only gateways with such a file need any of it.
    from provisioner.gateway.router.file import read_router_file  # noqa: PLC0415

    router = read_router_file(config.router_config, config.auto_ai_router)
    names = {credential.name for credential in router.credentials}
    for number, budget in enumerate(config.budget, start=1):
        if budget.provider and budget.provider not in names:
            raise InputError(f'budget[{number}].provider: no credential is "{budget.provider}"')
    for name in config.access.modes if config.access is not None else ():
        if name not in names:
            raise InputError(f'access.modes: no credential is "{name}"')
    return router


def served_providers(
    config: GatewayConfig,
    keys: Mapping[str, Sequence[Secret]],
    router: RouterConfig | None,
    client: HttpClient,
) -> dict[str, Provider]:
    """Return what is served, by name, with the `keys` of the configured ones.

    Raises `InputError`.
    """
    if router is None:
        return build_providers(config.provider, keys, client, config.era)
    # It brings all translation along.
    from provisioner.gateway.router.providers import router_providers  # noqa: PLC0415

    return router_providers(router, client)


def router_parts(
    router: RouterConfig | None, providers: Mapping[str, Provider]
) -> RouterParts | None:
    """Return what a gateway has that runs as `router`, which it serves with `providers`."""
    if router is None:
        return None
    from provisioner.gateway.router.parts import RouterParts  # noqa: PLC0415 - as above

    return RouterParts(router, providers)
