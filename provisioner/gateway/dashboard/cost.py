"""What tokens cost by the price list; none is known for every model."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from provisioner.knowledge.models import Price, models

__all__ = ["Tokens", "list_price"]

_MILLION = 1_000_000


class Tokens(Protocol):
    """Tokens of one model; `input` is without what was read from the cache."""

    @property
    def input(self) -> int:
        """Read as new."""

    @property
    def output(self) -> int:
        """Written."""

    @property
    def cache_read(self) -> int:
        """Read from the cache."""

    @property
    def cache_write(self) -> int:
        """Put into the cache, which costs as much as reading it as new."""


def list_price(model: str, tokens: Tokens) -> float | None:
    """Return US dollars, None when no price of `model` is known.

    Prices are those for requests of up to 272,000 input tokens; discounts and service tiers are
    between the provider and whoever pays.
    """
    price = _prices().get(model)
    if price is None:
        return None
    new = (tokens.input + tokens.cache_write) * price.input
    return (new + tokens.cache_read * price.cached_input + tokens.output * price.output) / _MILLION


@cache
def _prices() -> dict[str, Price]:
    return {model.slug: model.price for model in models() if model.price is not None}
