"""What a request may cost before it is answered, and what it cost once it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from msgspec import Struct

from provisioner.gateway.policy.budget_config import Unit
from provisioner.gateway.policy.judged import Candidate
from provisioner.gateway.record.model import Spent, TokenUsage
from provisioner.knowledge.models import Price
from provisioner.knowledge.prices import micro_cost_of, price_of

__all__ = ["Prices", "estimate", "size_as_text", "spending"]

_BYTES_OF_A_TOKEN = 4
_IMAGE = b"data:image/"
_CODED = b";base64,"
_LONGEST_TYPE = 40
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"
# As 1,500 tokens: models cut images into some hundred to some thousand parts, whatever their bytes.
_IMAGE_BYTES = 6_000
# Any string that is longer than twice that is seen by a look at every so many bytes.
_LONG = _IMAGE_BYTES // 2
_MOST_WARNINGS = 1_000

_USD, _TOKENS, _REQUESTS = Unit.USD.value, Unit.TOKENS.value, Unit.REQUESTS.value

_log = logging.getLogger(__name__)


class _Guess(Struct, frozen=True):
    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    output_reasoning: int = 0


class Prices:
    """What tokens of a model cost, in millionths of a US dollar."""

    def __init__(
        self, prices: Mapping[str, Price], windows: Mapping[str, int] | None = None
    ) -> None:
        """Take `prices` by model, and the tokens that fit into the `windows` of known ones."""
        self._prices = prices
        self._windows = windows or {}
        self._unknown: set[str] = set()

    def of(self, model: str, tokens: TokenUsage | _Guess) -> int:
        """Return the price, 0 for a model that has none, which is told once."""
        price = price_of(self._prices, model)
        if price is None:
            self._warn(model)
            return 0
        return micro_cost_of(price, tokens, reasoning=tokens.output_reasoning)

    def most(self, model: str, tokens: int) -> int:
        """Return how many of `tokens` can be put to `model`: more it would refuse."""
        return min(tokens, self._windows.get(model, tokens))

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


def estimate(prices: Prices, model: str, size: int, output_tokens: int) -> Mapping[str, int]:
    """Return what a request of `size` bytes may cost, by unit."""
    guess = _Guess(prices.most(model, -(-size // _BYTES_OF_A_TOKEN)), output_tokens)
    return {
        _USD: prices.of(model, guess),
        _TOKENS: guess.input + guess.output,
        _REQUESTS: 1,
    }


def size_as_text(body: bytes) -> int:
    """Return how many bytes `body` counts for, an image within it no more than one may cost.

    An image is one string. To look only where strings are long enough takes a tenth of the time of
    looking for images everywhere.
    """
    size, place = len(body), 0
    while (end := body.find(b'"', place)) >= 0:
        if end - place < _LONG:
            place += _LONG
            continue
        begin = body.rfind(b'"', 0, place) + 1
        if _is_image(body, begin, end):
            size -= max(end - begin - _IMAGE_BYTES, 0)
        place = end + 1
    return size


def _is_image(body: bytes, begin: int, end: int) -> bool:
    """Say whether there is one between two quotation marks; who only begins so writes text."""
    if not body.startswith(_IMAGE, begin):
        return False
    start = begin + len(_IMAGE)
    coded = body.find(_CODED, start, min(start + _LONGEST_TYPE, end))
    return coded >= 0 and not body[coded + len(_CODED) : end].translate(None, _BASE64)


def spending(
    prices: Prices,
    provider: str,
    model: str,
    usage: Sequence[TokenUsage],
    *,
    answered: bool,
    at_least_reserved: bool = False,
) -> Spent:
    """Return what was spent at `provider`; a request that was not answered costs nothing."""
    amounts = {
        _USD: sum([prices.of(model, entry) for entry in usage]),
        _TOKENS: sum([entry.total for entry in usage]),
        _REQUESTS: 1 if answered else 0,
    }
    return Spent(provider, amounts, at_least_reserved)
