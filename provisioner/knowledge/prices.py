"""Tokens and a price → what they cost: the one arithmetic of dashboard, budgets and access."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Protocol

from provisioner.knowledge.models import Price, models

__all__ = ["Tokens", "cost_of", "listed_prices", "price_of"]

_MILLION = Decimal(1_000_000)
# `gpt-5.5-2026-04-23` as OpenAI dates its models, `claude-opus-4-20250514` as Anthropic does.
_DATE = re.compile(r"-20\d{2}(-?)(0[1-9]|1[0-2])\1(0[1-9]|[12]\d|3[01])\Z")


class Tokens(Protocol):
    """Tokens of one model; `input` is without what was read from the cache."""

    @property
    def input(self) -> int:
        """Read as new."""

    @property
    def output(self) -> int:
        """Written, what the model only thought among it."""

    @property
    def cache_read(self) -> int:
        """Read from the cache."""

    @property
    def cache_write(self) -> int:
        """Put into the cache, which costs as much as reading it as new."""


def cost_of(price: Price, tokens: Tokens, *, reasoning: int = 0) -> Decimal:
    """Return what `tokens` cost, in US dollars and exact.

    `reasoning` is how many of the tokens written were only thought; they cost as much as the others
    unless the price says otherwise. Counts come from a provider: one below 0 counts as 0, and no
    more can have been thought than was written.
    """
    new = max(tokens.input, 0) + max(tokens.cache_write, 0)
    written = max(tokens.output, 0)
    thought = min(max(reasoning, 0), written)
    thought_rate = price.output if price.reasoning is None else price.reasoning
    dollars = new * _exact(price.input) + max(tokens.cache_read, 0) * _exact(price.cached_input)
    dollars += (written - thought) * _exact(price.output) + thought * _exact(thought_rate)
    return dollars / _MILLION


def price_of(prices: Mapping[str, Price], model: str) -> Price | None:
    """Return the price of `model`, None for one that has none.

    One of a certain date costs as much as the model without it, unless it has a price of its own.
    """
    return prices.get(model) or prices.get(_DATE.sub("", model))


@cache
def listed_prices() -> dict[str, Price]:
    """Return the price of every model that has a known one, by slug."""
    return {model.slug: model.price for model in models() if model.price is not None}


@cache
def _exact(rate: float) -> Decimal:
    """Return the number as it was written, which the nearest binary fraction is not."""
    return Decimal(str(rate))
