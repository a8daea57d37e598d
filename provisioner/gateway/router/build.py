"""The configuration in, what a gateway needs of the router out; nothing for other dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.errors import InputError
from provisioner.gateway.auto_ai_router_config import read_router_file
from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.providers import Provider, build_providers
from provisioner.gateway.router.health import RouterHealth
from provisioner.gateway.router.master_key import MasterKey
from provisioner.gateway.router.state import RouterState
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.redact import Secret
from provisioner.router_file.model import RouterConfig

__all__ = ["RouterParts", "read_router", "served_providers"]


def read_router(config: GatewayConfig) -> RouterConfig | None:
    """Return what the router's file says; raises `InputError`."""
    if config.router_config is None:
        return None
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


class RouterParts:
    """What one gateway has while it runs as the router."""

    def __init__(self, router: RouterConfig, providers: Mapping[str, Provider]) -> None:
        """Serve `router` with `providers`."""
        self.state = RouterState(router, providers)
        self.check = MasterKey(router.master_key)
        self.health = RouterHealth(self.state)
        self.body_limit = router.max_body_bytes
        self.has_metrics = router.has_metrics
