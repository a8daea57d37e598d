"""The router's file in, what a gateway has while it runs as the router out."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.gateway.providers import Provider
from provisioner.gateway.router.health import RouterHealth
from provisioner.gateway.router.master_key import MasterKey
from provisioner.gateway.router.state import RouterState
from provisioner.router_file.model import RouterConfig

__all__ = ["RouterParts"]


class RouterParts:
    """What one gateway has while it runs as the router."""

    def __init__(self, router: RouterConfig, providers: Mapping[str, Provider]) -> None:
        """Serve `router` with `providers`."""
        self.state = RouterState(router, providers)
        self.check = MasterKey(router.master_key)
        self.health = RouterHealth(self.state)
        self.body_limit = router.max_body_bytes
        self.has_metrics = router.has_metrics
