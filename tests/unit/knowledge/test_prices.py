"""One arithmetic for what tokens cost: exact, with cached and thought tokens at their own price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.dashboard.cost import list_price
from provisioner.knowledge.models import Price
from provisioner.knowledge.prices import cost_of, listed_prices, micro_cost_of, price_of


@dataclass(frozen=True)
class Used:
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


PRICE = Price(input=1.25, cached_input=0.125, output=10.0, source="a test")


@pytest.mark.parametrize(
    ("used", "thought", "dollars"),
    [
        (Used(), 0, "0"),
        (Used(input=1), 0, "0.00000125"),
        (Used(input=1_000_000), 0, "1.25"),
        (Used(cache_read=1_000_000), 0, "0.125"),
        (Used(cache_write=1_000_000), 0, "1.25"),
        (Used(output=1_000_000), 0, "10"),
        (Used(output=1_000_000), 400_000, "10"),
        (Used(input=3, output=7, cache_read=11, cache_write=13), 5, "0.000091375"),
        (Used(input=-5, output=-1, cache_read=-1, cache_write=-1), -1, "0"),
    ],
)
def test_what_tokens_cost_to_the_last_digit(used: Used, thought: int, dollars: str) -> None:
    assert cost_of(PRICE, used, reasoning=thought) == Decimal(dollars)


def test_thought_tokens_can_have_a_price_of_their_own() -> None:
    price = Price(input=1.0, cached_input=0.1, output=10.0, source="a test", reasoning=4.0)

    assert cost_of(price, Used(output=10), reasoning=4) == Decimal("0.000076")
    assert cost_of(price, Used(output=10), reasoning=99) == Decimal("0.00004")


def test_ten_thousand_small_costs_add_up_to_what_they_are() -> None:
    price = Price(input=0.1, cached_input=0.01, output=0.7, source="a test")

    assert sum(cost_of(price, Used(input=1, output=1)) for _ in range(10_000)) == Decimal("0.008")


@given(
    st.tuples(*[st.integers(-2, 10**9)] * 5),
    st.tuples(*[st.decimals(0, 1000, places=9)] * 4),
)
def test_millionths_are_the_exact_cost_rounded_up(
    counts: tuple[int, int, int, int, int], rates: tuple[Decimal, Decimal, Decimal, Decimal]
) -> None:
    new, cached, written, thought = map(float, rates)
    price = Price(input=new, cached_input=cached, output=written, reasoning=thought, source="test")
    used, reasoning = Used(*counts[:4]), counts[4]

    charged = [max(count, 0) for count in counts]
    thinking = min(charged[4], charged[1])
    parts = (charged[0] + charged[3], charged[2], charged[1] - thinking, thinking)
    dollars = sum(Fraction(str(rate)) * n for rate, n in zip(rates, parts, strict=True)) / 10**6

    assert micro_cost_of(price, used, reasoning=reasoning) == math.ceil(dollars * 10**6)
    assert Fraction(cost_of(price, used, reasoning=reasoning)) == dollars


def test_the_dashboard_shows_the_same_cost() -> None:
    for slug, price in listed_prices().items():
        used = Used(input=12_345, output=678, cache_read=90_123, cache_write=4)
        assert list_price(slug, used) == float(cost_of(price, used))
    assert list_price("no such model", Used(input=1)) is None


@pytest.mark.parametrize(
    ("model", "priced"),
    [
        ("gpt-5.5", "gpt-5.5"),
        ("gpt-5.5-2026-04-23", "gpt-5.5"),
        ("claude-opus-4-20250514", "claude-opus-4"),
        ("gpt-5.5-2026-05-01", "its own"),
        ("gpt-5.5-2026-13-01", ""),
        ("gpt-5.5-2026-0423", ""),
        ("gpt-5.5-2026-04-23-x", ""),
        ("-2026-04-23", ""),
        ("gpt-5.5-mini", ""),
    ],
)
def test_a_date_in_a_name_changes_no_price(model: str, priced: str) -> None:
    named = {"gpt-5.5": "gpt-5.5", "claude-opus-4": "claude-opus-4"}
    named["gpt-5.5-2026-05-01"] = "its own"
    prices = {name: Price(1.0, 1.0, 1.0, source) for name, source in named.items()}

    found = price_of(prices, model)

    assert ("" if found is None else found.source) == priced
