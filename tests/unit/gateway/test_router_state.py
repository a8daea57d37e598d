"""Bans and limits against a clock of the test's own."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.router.bans import Bans
from provisioner.gateway.router.limits import Limit, RouterLimits
from provisioner.gateway.router.minute import MinuteCount
from provisioner.redact import Secret
from provisioner.router_file.model import BanRule, RouterConfig

FOR_EVER = math.inf


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def bans(clock: Clock, attempts: int, seconds: float, **rules: BanRule) -> Bans:
    config = RouterConfig(
        port=1,
        master_key=Secret("x"),
        max_body_bytes=1,
        max_provider_retries=0,
        request_seconds=1,
        credentials=(),
        models=(),
        aliases={},
        ban=BanRule(attempts, seconds),
        ban_codes=frozenset({429, 500}),
        ban_rules={int(code[1:]): rule for code, rule in rules.items()},
        has_metrics=True,
        has_other_keys=False,
        notes=(),
    )
    return Bans(config, clock)


def test_a_ban_is_over_after_its_time_and_the_count_starts_again() -> None:
    clock = Clock()
    kept = bans(clock, 2, 60)

    kept.saw("a", "m", 500)
    assert not kept.holds("a", "m")
    kept.saw("a", "m", 500)
    assert kept.holds("a", "m")
    assert not kept.holds("a", "other")
    clock.now += 60
    assert not kept.holds("a", "m")
    kept.saw("a", "m", 500)
    assert not kept.holds("a", "m")


def test_a_permanent_ban_outlives_everything_but_success() -> None:
    clock = Clock()
    kept = bans(clock, 1, FOR_EVER)

    kept.saw("a", "m", 500)
    clock.now += 1e12
    assert kept.holds("a", "m")
    kept.saw("a", "m", 200)
    assert not kept.holds("a", "m")


def test_statuses_that_are_not_listed_do_not_count() -> None:
    kept = bans(Clock(), 1, FOR_EVER)

    for status in (400, 404, 502, 302):
        kept.saw("a", "m", status)
    assert not kept.holds("a", "m")


def test_a_status_with_a_rule_has_a_count_of_its_own() -> None:
    kept = bans(Clock(), 2, FOR_EVER, c429=BanRule(3, 10))

    for _ in range(2):
        kept.saw("a", "m", 429)
    kept.saw("a", "m", 500)
    assert not kept.holds("a", "m")
    kept.saw("a", "m", 429)
    assert kept.holds("a", "m")


def test_both_limits_must_have_room_and_a_refusal_counts_for_none() -> None:
    clock = Clock()
    limits = RouterLimits(clock)
    limits.add(Limit(2, -1), "a")
    limits.add(Limit(1, -1), "a", "m")
    limits.add(Limit(-1, -1), "a", "n")

    assert [limits.take("a", name) for name in "mmnn"] == [True, False, True, False]
    clock.now += 60
    assert limits.take("a", "m")


def test_tokens_close_what_they_filled() -> None:
    clock = Clock()
    limits = RouterLimits(clock)
    limits.add(Limit(-1, 10), "a")

    assert limits.take("a", "m")
    limits.spend("a", "m", 10)
    assert not limits.take("a", "m")
    assert limits.state("a") == (1, 10, Limit(-1, 10))
    clock.now += 60
    assert limits.take("a", "m")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=30), st.integers(0, 90))
def test_a_minute_holds_what_was_added_in_it(added: list[tuple[int, int]], wait: int) -> None:
    clock = Clock()
    count = MinuteCount(clock)
    seen = []
    for pause, value in added:
        clock.now += pause
        count.add(value)
        seen.append((clock.now, value))
    clock.now += wait

    assert count.value == sum(value for at, value in seen if clock.now - at < 60)
