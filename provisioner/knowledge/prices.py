"""Tokens and a price → what they cost: the one arithmetic of dashboard, budgets and access."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple, Protocol

from provisioner.knowledge.models import Price, models

__all__ = ["Tokens", "cost_of", "listed_prices", "micro_cost_of", "price_of"]

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
    charged, scale = _charged(price, tokens, reasoning)
    return Decimal(charged) / (scale * 1_000_000)


def micro_cost_of(price: Price, tokens: Tokens, *, reasoning: int = 0) -> int:
    """Return the same in millionths of a US dollar, the last one begun counts as whole."""
    # As much as a token costs in millionths, a million of them cost in dollars.
    charged, scale = _charged(price, tokens, reasoning)
    return -(-charged // scale)


def price_of(prices: Mapping[str, Price], model: str) -> Price | None:
    """Return the price of `model`, None for one that has none.

    One of a certain date costs as much as the model without it, unless it has a price of its own.
    """
    return prices.get(model) or prices.get(_DATE.sub("", model))


@cache
def listed_prices() -> dict[str, Price]:
    """Return the price of every model that has a known one, by slug."""
    return {model.slug: model.price for model in models() if model.price is not None}


class _Rates(NamedTuple):
    """Dollars for a million tokens as whole numbers: each divided by `scale` it is the price."""

    new: int
    cached: int
    written: int
    thought: int
    scale: int


@cache
def _rates(price: Price) -> _Rates:
    thought = price.output if price.reasoning is None else price.reasoning
    exact = [_exact(rate) for rate in (price.input, price.cached_input, price.output, thought)]
    scale = 10 ** max(0, *(-int(rate.as_tuple().exponent) for rate in exact))
    new, cached, written, thinking = (int(rate * scale) for rate in exact)
    return _Rates(new, cached, written, thinking, scale)


def _exact(rate: float) -> Decimal:
    """Return the number as it was written, which the nearest binary fraction is not."""
    return Decimal(str(rate))


def _charged(price: Price, tokens: Tokens, reasoning: int) -> tuple[int, int]:
    """Return what `tokens` cost in millionths of a US dollar, and what to divide it by."""
    for_new, for_cached, for_written, for_thought, scale = _rates(price)
    output = max(tokens.output, 0)
    thought = min(max(reasoning, 0), output)
    new = max(tokens.input, 0) + max(tokens.cache_write, 0)
    charged = new * for_new + max(tokens.cache_read, 0) * for_cached
    return charged + (output - thought) * for_written + thought * for_thought, scale
