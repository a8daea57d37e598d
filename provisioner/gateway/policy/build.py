"""The configuration in, the engine with all checks that it asks for out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.policy.judged import Check, CostWatch
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices
from provisioner.gateway.record.database import Database
from provisioner.knowledge.models import Price, models
from provisioner.knowledge.prices import listed_prices

if TYPE_CHECKING:
    from provisioner.access.enforce import Enforced
    from provisioner.gateway.policy.models import Offer
    from provisioner.gateway.router.state import RouterState

__all__ = ["build_engine"]


def build_engine(
    config: GatewayConfig,
    database: Database,
    gateway_id: str,
    offers: Sequence[Offer] = (),
    *,
    router: RouterState | None = None,
    access: Enforced | None = None,
    watch: CostWatch | None = None,
) -> PolicyEngine:
    """Return the engine: the dialect's own checks, which choose among `offers`, then the budgets.

    The order is that of LangWatch's gateway. A `router` chooses by itself. With `access` auth modes
    are enforced before budgets. `watch` hears what budgets do. What is not asked for is not
    imported.
    """
    counts = access is not None or bool(config.budget)
    windows = _windows() if counts else {}
    ledger, prices = Ledger(database, gateway_id), Prices(_prices(config, access), windows)
    output = config.reserve_output_tokens
    checks: list[Check] = []
    if config.dialect == "langwatch":
        checks += _of_keys(config, ledger, offers)
    if router is not None:
        from provisioner.gateway.router.balance import RouterCheck

        checks.append(RouterCheck(router))
    if access is not None and config.access is not None:
        from provisioner.gateway.policy.access import AccessCheck

        checks.append(
            AccessCheck(access, config.access, ledger, prices, reserve_output_tokens=output)
        )
    if config.budget:
        from provisioner.gateway.policy.budgets import BudgetCheck

        checks.append(
            BudgetCheck(config.budget, ledger, prices, reserve_output_tokens=output, watch=watch)
        )
    return PolicyEngine(
        checks,
        ledger=ledger,
        prices=prices,
        counts_all=counts,
        watch=watch,
    )


def _of_keys(config: GatewayConfig, ledger: Ledger, offers: Sequence[Offer]) -> Sequence[Check]:
    """Return what LangWatch's gateway checks of each virtual key."""
    from provisioner.gateway.langwatch_config import CACHE_HEADER
    from provisioner.gateway.policy.cache import CacheCheck
    from provisioner.gateway.policy.models import ModelCheck
    from provisioner.gateway.policy.rate import RateCheck
    from provisioner.gateway.policy.rules import RulesCheck

    cache = CacheCheck(CACHE_HEADER, takes_ttl=config.langwatch.cache_ttl == "accept")
    return (RateCheck(ledger), RulesCheck(), ModelCheck(offers), cache)


def _windows() -> Mapping[str, int]:
    return {model.slug: max(model.context_window, model.max_context_window) for model in models()}


def _prices(config: GatewayConfig, access: Enforced | None) -> Mapping[str, Price]:
    """Return the price list with what catalog and configuration say instead, the latter last."""
    told = {} if access is None else access.own_prices
    return {**listed_prices(), **told, **{entry.model: entry.price for entry in config.price}}
