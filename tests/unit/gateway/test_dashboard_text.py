"""Values as pages of the dashboard show them, and charts that stay in their frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.dashboard.asked import PERIODS, Period
from provisioner.gateway.dashboard.charts import Series, stacked_bars
from provisioner.gateway.dashboard.page import Page, rendered
from provisioner.gateway.dashboard.text import (
    arguments,
    compact,
    duration,
    masked,
    money,
    number,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (number(1234567), "1,234,567"),
        (compact(999), "999"),
        (compact(1500), "1.5k"),
        (compact(11_530_000), "11.5M"),
        (compact(2e9), "2G"),
        (compact(0), "0"),
        (money(None), "\N{EN DASH}"),
        (money(0), "$0.00"),
        (money(0.0123), "$0.0123"),
        (money(1234.5), "$1,234.50"),
        (duration(NOW, None), "running"),
        (duration(NOW, NOW + timedelta(seconds=1.25)), "1.2 s"),
        (duration(NOW, NOW + timedelta(seconds=125)), "2 min 5 s"),
        (duration(NOW, NOW - timedelta(seconds=1)), "0.0 s"),
        (masked(None, 5), ""),
        (masked("abcdef", 5), "abcde\N{HORIZONTAL ELLIPSIS}"),
        (masked("abcde", 5), "abcde"),
        (masked("a\x1b[31m\u202eb\n\tc", 99), "a\ufffd[31m\ufffdb\n\tc"),
        (arguments('"a\\nb"'), "a\nb"),
        (arguments('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}'),
        (arguments("no json"), "no json"),
        (arguments("[" * 9000), "[" * 9000),
    ],
)
def test_values_as_they_are_shown(shown: str, text: str) -> None:
    assert shown == text


@given(
    st.text("ab \n", max_size=4200),
    st.text("abcdefghij0123456789", min_size=20, max_size=60),
    st.integers(1, 300),
)
def test_a_key_is_hidden_wherever_the_text_is_cut(before: str, key: str, most: int) -> None:
    secret = f"sk-1{key}"

    shown = masked(f"{before} {secret} after", most)

    assert secret[:16] not in shown
    assert len(shown) <= most + 1


@given(ANY_TEXT)
def test_any_text_is_text(message: str) -> None:
    page = rendered(
        Page("problem.html", {"message": message, "detail": "", "asked": None, "version": ""})
    )

    title = page.decode().partition("<title>")[2].partition(" \N{EN DASH} AI gateway</title>")[0]
    # The encoding's own replacement, for halves of characters.
    assert unescape(title) == message.encode(errors="replace").decode()
    assert "<" not in title
    assert ">" not in title


# Nothing costs less than a millionth of a dollar.
amounts = st.just(0.0) | st.floats(1e-9, 1e12)


@given(st.lists(st.lists(amounts, min_size=28, max_size=28), min_size=1, max_size=6))
def test_a_chart_stays_in_its_frame(columns: list[list[float]]) -> None:
    starts = PERIODS[1].starts(NOW)
    series = [Series(f"s{at}", values) for at, values in enumerate(columns)]

    chart = stacked_bars("c", "C", starts, series, compact)

    for bar in chart.bars:
        assert chart.left <= bar.x
        assert bar.x + bar.width <= chart.right + 0.01
        for piece in bar.pieces:
            assert chart.top - 0.1 <= piece.y
            assert piece.y + piece.height <= chart.bottom + 0.1
        tops = [piece.y for piece in bar.pieces]
        assert tops == sorted(tops, reverse=True)
    assert 2 <= len(chart.lines) <= 6
    assert len(chart.rows) == sum(any(values) for values in zip(*columns, strict=True))


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_ends_with_now(period: Period) -> None:
    starts = period.starts(NOW)

    assert starts[-1] <= NOW < starts[-1] + period.width
    assert {after - before for before, after in pairwise(starts)} == {period.width}
    assert len(starts) == period.parts


def test_a_chart_of_nothing_is_empty() -> None:
    chart = stacked_bars("c", "C", PERIODS[0].starts(NOW), [], money)

    assert chart.empty
    assert [line.text for line in chart.lines] == ["$0.00", "$1.00"]
