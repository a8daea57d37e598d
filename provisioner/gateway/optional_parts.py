"""The configuration in, those parts of a gateway out that only some configurations ask for.

What is not asked for is not imported: start-up is part of the interface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.gateway.config import GatewayConfig, database_address
from provisioner.gateway.deployment_config import Era
from provisioner.gateway.providers import Provider, build_provider
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.policy.models import Offer
    from provisioner.gateway.router.bans import Bans
    from provisioner.gateway.shared_state import SharedState
    from provisioner.gateway.stored_providers import StoredProviders
    from provisioner.gateway.token_check import HttpTokenCheck

__all__ = ["all_offers", "other_token_check", "shared_state", "stored_providers"]


def all_offers(config: GatewayConfig, providers: Mapping[str, Provider]) -> tuple[Offer, ...]:
    """Return what names of models are looked up in; nothing where nobody looks."""
    if config.dialect != "langwatch":
        return ()
    from provisioner.gateway.policy.offers import build_offers

    return build_offers(config.provider, providers)


def other_token_check(config: GatewayConfig) -> HttpTokenCheck | None:
    """Return who else knows tokens, None for nobody; raises `InputError`."""
    if config.token_check is None:
        return None
    from provisioner.gateway.token_check import HttpTokenCheck

    return HttpTokenCheck(config.token_check, config.token_check.secret())


def shared_state(
    config: GatewayConfig,
    database: Database,
    identity: GatewayIdentity,
    providers: Iterable[Provider],
    *,
    bans: Bans | None,
    workers: Path | None,
) -> SharedState | None:
    """Return what is shared with other gateways; alone, memory is right and costs nothing.

    `workers` is the folder of those on the same port, None for a gateway without.
    """
    if workers is None and database_address(config) is None:
        return None
    from provisioner.gateway.shared_state import SharedState

    name = f"{identity.host} {workers}" if workers else ""
    return SharedState(config, database, identity, providers, bans=bans, workers=name)


def stored_providers(
    config: GatewayConfig,
    database: Database,
    served: dict[str, Provider],
    client: HttpClient,
    *,
    state: Path,
    changed: Callable[[Iterable[Provider], int], None],
) -> StoredProviders | None:
    """Return what serves the providers of the database, None where Coder has none there."""
    if config.dialect != "coder" or config.era is Era.V2_32:
        return None
    from provisioner.gateway.key_seal import PROVIDER_SECRET
    from provisioner.gateway.stored_providers import StoredProviders

    def secret() -> Secret:
        return PROVIDER_SECRET.load(state, database_address(config))

    build = partial(build_provider, client=client, era=config.era)
    return StoredProviders(database, served, build, secret, changed)
