"""Which key is used, and for how long one that was refused is not."""

from __future__ import annotations

import pytest

from provisioner.gateway.key_pool import KeyPool, retry_after_seconds
from provisioner.redact import Secret


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def usable(pool: KeyPool) -> list[str]:
    return [key.secret.reveal() for key in pool.usable()]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(clock: Clock) -> KeyPool:
    return KeyPool([Secret("one"), Secret("two")], clock)


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"), [(429, 7, 7), (429, 0, 60), (401, 0, 60), (401, 7, 60)]
)
def test_a_refused_key_cools_down(
    pool: KeyPool, clock: Clock, status: int, retry_after: float, pause: float
) -> None:
    first = next(pool.usable())

    assert pool.refused(first, status, retry_after)
    assert usable(pool) == ["two"]
    clock.now += pause - 0.1
    assert usable(pool) == ["two"]
    clock.now += 0.1
    assert usable(pool) == ["one", "two"]


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500, 503])
def test_other_statuses_say_nothing_about_the_key(pool: KeyPool, status: int) -> None:
    assert not pool.refused(next(pool.usable()), status, 9)
    assert usable(pool) == ["one", "two"]


def test_a_longer_pause_is_not_cut_short(pool: KeyPool, clock: Clock) -> None:
    first = next(pool.usable())
    pool.refused(first, 429, 90)
    pool.refused(first, 429, 5)
    clock.now += 60

    assert usable(pool) == ["two"]


def test_when_the_first_one_is_back(pool: KeyPool, clock: Clock) -> None:
    one, two = pool.usable()
    pool.refused(one, 429, 30.5)
    pool.refused(two, 401, 0)

    assert pool.exhausted() == (True, 31)
    clock.now += 30.4
    assert pool.exhausted() == (True, 1)


def test_refused_keys_are_not_limited(pool: KeyPool) -> None:
    for key in pool.usable():
        pool.refused(key, 401, 0)

    assert pool.exhausted() == (False, 60)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 0), ("", 0), ("-1", 0), ("1.5", 0), ("٣", 0), ("9" * 12, 0),
     ("Wed, 21 Oct 2026 07:28:00 GMT", 0)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after_seconds(value) == seconds
