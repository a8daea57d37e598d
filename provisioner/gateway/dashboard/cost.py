"""What tokens cost by the price list; none is known for every model."""

from __future__ import annotations

from provisioner.knowledge.prices import Tokens, cost_of, listed_prices, price_of

__all__ = ["list_price"]


def list_price(model: str, tokens: Tokens) -> float | None:
    """Return US dollars, None when no price of `model` is known.

    Prices are those for requests of up to 272,000 input tokens; discounts and service tiers are
    between the provider and whoever pays.
    """
    price = price_of(listed_prices(), model)
    return None if price is None else float(cost_of(price, tokens))
