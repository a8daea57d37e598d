"""What a request may cost before it is answered, and what it cost once it is."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner.gateway.policy.budget_config import Unit
from provisioner.gateway.policy.judged import Candidate
from provisioner.gateway.record.model import Spent, TokenUsage
from provisioner.knowledge.models import Price
from provisioner.knowledge.prices import cost_of, price_of

__all__ = ["Prices", "estimate", "spending"]

_BYTES_OF_A_TOKEN = 4
_MICRO = 1_000_000
_MOST_WARNINGS = 1_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Guess:
    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    output_reasoning: int = 0


class Prices:
    """What tokens of a model cost, in millionths of a US dollar."""

    def __init__(self, prices: Mapping[str, Price]) -> None:
        """Take `prices` by model."""
        self._prices = prices
        self._unknown: set[str] = set()

    def of(self, model: str, tokens: TokenUsage | _Guess) -> int:
        """Return the price, 0 for a model that has none, which is told once."""
        price = price_of(self._prices, model)
        if price is None:
            self._warn(model)
            return 0
        return math.ceil(cost_of(price, tokens, reasoning=tokens.output_reasoning) * _MICRO)

    def has(self, model: str) -> bool:
        """Say whether `model` has a price."""
        return price_of(self._prices, model) is not None

    def name_of(self, candidate: Candidate) -> str:
        """Return what `candidate` is priced as: the service's own name for it, if that has one."""
        mapped = candidate.provider.models.get(candidate.model, candidate.model)
        return mapped if self.has(mapped) else candidate.model

    def _warn(self, model: str) -> None:
        if model not in self._unknown and len(self._unknown) < _MOST_WARNINGS:
            self._unknown.add(model)
            _log.warning("a model without a price costs budgets nothing: %r", model[:100])


def estimate(prices: Prices, model: str, size: int, output_tokens: int) -> Mapping[Unit, int]:
    """Return what a request of `size` bytes may cost, by unit."""
    guess = _Guess(math.ceil(size / _BYTES_OF_A_TOKEN), output_tokens)
    return {
        Unit.USD: prices.of(model, guess),
        Unit.TOKENS: guess.input + guess.output,
        Unit.REQUESTS: 1,
    }


def spending(
    prices: Prices, provider: str, model: str, usage: Sequence[TokenUsage], *, answered: bool
) -> Spent:
    """Return what was spent at `provider`; a request that was not answered costs nothing."""
    amounts = {
        Unit.USD: sum(prices.of(model, entry) for entry in usage),
        Unit.TOKENS: sum(entry.total for entry in usage),
        Unit.REQUESTS: 1 if answered else 0,
    }
    return Spent(provider, {unit.value: amount for unit, amount in amounts.items()})
