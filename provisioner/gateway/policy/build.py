"""The configuration in, the engine with all checks that it asks for out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.policy.budgets import BudgetCheck
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.policy.judged import Check
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices
from provisioner.gateway.record.database import Database
from provisioner.knowledge.models import Price
from provisioner.knowledge.prices import listed_prices

__all__ = ["build_engine"]


def build_engine(
    config: GatewayConfig, database: Database, gateway_id: str, checks: Sequence[Check] = ()
) -> PolicyEngine:
    """Return the engine: the dialect's own `checks`, then the budgets."""
    ledger, prices = Ledger(database, gateway_id), Prices(_prices(config))
    budgets: list[Check] = []
    if config.budget:
        output = config.reserve_output_tokens
        budgets.append(BudgetCheck(config.budget, ledger, prices, reserve_output_tokens=output))
    return PolicyEngine((*checks, *budgets), ledger=ledger, prices=prices)


def _prices(config: GatewayConfig) -> Mapping[str, Price]:
    """Return the price list with what the configuration says instead."""
    return listed_prices() | {entry.model: entry.price for entry in config.price}
