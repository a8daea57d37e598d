"""When a budget's window begins and ends, and what its configuration takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from provisioner.gateway.policy.budget_config import BudgetConfig, Unit
from provisioner.gateway.policy.windows import Window, seconds_left, window_end, window_start


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        ("minute", (2026, 11, 22, 23, 59), (2026, 11, 23)),
        ("hour", (2026, 11, 22, 23), (2026, 11, 23)),
        ("day", (2026, 11, 22), (2026, 11, 23)),
        # A Sunday.
        ("week", (2026, 11, 16), (2026, 11, 23)),
        ("month", (2026, 11, 1), (2026, 12, 1)),
        ("total", (1970, 1, 1), None),
        ("manual", (1970, 1, 1), None),
    ],
)
def test_the_window_of_a_moment(
    window: str, start: tuple[int, ...], end: tuple[int, ...] | None
) -> None:
    # 23:59:59 in UTC, whatever the clock on the wall says.
    now = datetime(2026, 11, 23, 1, 59, 59, tzinfo=timezone(timedelta(hours=2)))

    begun = window_start(Window(window), now)

    assert begun == datetime(*start, tzinfo=UTC)  # type: ignore[misc, arg-type]
    assert window_end(Window(window), begun) == (datetime(*end, tzinfo=UTC) if end else None)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("window", "seconds"), [("minute", 1), ("day", 36_000), ("total", 0), ("manual", 0)]
)
def test_the_time_until_a_window_begins_anew(window: str, seconds: int) -> None:
    # Less than a second is told as one: who comes back in none is there too early.
    now = datetime(2026, 11, 22, 13, 59, 59, 600_000, tzinfo=UTC)

    assert seconds_left(Window(window), now) == seconds


@given(st.sampled_from(list(Window)), st.integers(0, 8_000_000_000))
def test_windows_follow_each_other_without_a_gap(window: Window, seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    start = window_start(window, now)
    end = window_end(window, start)

    assert start <= now
    assert window_start(window, start) == start
    if end is not None:
        assert now < end
        assert window_start(window, end) == end
        assert window_start(window, end - timedelta(microseconds=1)) == start


@pytest.mark.parametrize(
    ("limits", "unit", "limit"),
    [
        ({"limit_usd": "0.000001"}, Unit.USD, 1),
        ({"limit_usd": 25}, Unit.USD, 25_000_000),
        ({"limit_tokens": 7}, Unit.TOKENS, 7),
        ({"limit_requests": 3}, Unit.REQUESTS, 3),
    ],
)
def test_a_limit_counts_one_thing(limits: dict[str, object], unit: Unit, limit: int) -> None:
    budget = BudgetConfig.model_validate(
        {"name": "day", "scope": "principal", "window": "day", **limits}
    )

    assert (budget.unit, budget.limit) == (unit, limit)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "give one of limit_usd, limit_tokens and limit_requests"),
        ({"limit_usd": 1, "limit_tokens": 1}, "give one of"),
        ({"limit_usd": 0}, "greater than 0"),
        ({"limit_usd": "0.0000009"}, "less than a millionth of a dollar"),
        ({"limit_requests": 1, "name": "A b"}, "match pattern"),
        ({"limit_requests": 1, "window": "year"}, "'minute', 'hour'"),
        ({"limit_requests": 1, "warn_at_percent": 101}, "less than or equal to 100"),
        ({"limit_tokens": 1, "unpriced": "refuse"}, "is for budgets in dollars"),
    ],
)
def test_a_budget_that_makes_no_sense(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        BudgetConfig.model_validate({"name": "day", "scope": "principal", "window": "day", **wrong})
