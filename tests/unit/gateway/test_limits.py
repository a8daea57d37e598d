"""How many requests pass, by number and by second, and when an endpoint is left alone."""

from __future__ import annotations

import pytest

from provisioner.gateway.circuit import Circuit, Circuits
from provisioner.gateway.deployment_config import CircuitBreakerConfig
from provisioner.gateway.limits import ConcurrencyLimit, RateLimit

BREAKER = CircuitBreakerConfig(enabled=True, failure_threshold=2, max_requests=2)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_number_at_a_time() -> None:
    limit = ConcurrencyLimit(1)

    assert limit.enter()
    assert not limit.enter()
    limit.leave()
    limit.leave()
    assert limit.enter()


def test_no_limits() -> None:
    rate, concurrency = RateLimit(0), ConcurrencyLimit(0)

    assert all(rate.allows("key") and concurrency.enter() for _ in range(1000))


def test_a_rate_for_each_key_in_a_sliding_second(clock: Clock) -> None:
    rate = RateLimit(4, clock)

    assert [rate.allows("a") for _ in range(5)] == [True] * 4 + [False]
    assert rate.allows("b")
    # Half a second into the next one, half of what went before still counts.
    clock.now += 1.5
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    clock.now += 2
    assert [rate.allows("a") for _ in range(5)] == [True] * 4 + [False]


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(BREAKER, clock)
    for _ in range(2):
        assert circuit.admits()
        circuit.saw(failed=True)
    return circuit


def test_failures_in_a_row_open_it(clock: Clock) -> None:
    circuit = opened(clock)

    assert not circuit.admits()
    clock.now += 29.9
    assert not circuit.admits()


def test_a_success_in_between_starts_the_count_again(clock: Clock) -> None:
    circuit = Circuit(BREAKER, clock)
    for failed in (True, False, True):
        circuit.saw(failed=failed)

    assert circuit.admits()


def test_old_failures_do_not_count(clock: Clock) -> None:
    circuit = Circuit(BREAKER, clock)
    circuit.saw(failed=True)
    clock.now += 10
    assert circuit.admits()
    circuit.saw(failed=True)

    assert circuit.admits()


def test_half_open_lets_some_try_and_successes_close_it(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30

    assert [circuit.admits() for _ in range(3)] == [True, True, False]
    circuit.saw(failed=False)
    circuit.saw(failed=False)
    assert all(circuit.admits() for _ in range(5))


def test_half_open_a_failure_opens_it_again(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30
    assert circuit.admits()
    circuit.saw(failed=True)

    assert not circuit.admits()
    clock.now += 30
    assert circuit.admits()


def test_circuits_are_apart_and_bounded(clock: Clock) -> None:
    circuits = Circuits(BREAKER, clock)
    one = circuits.circuit("openai", "/responses", "m")

    assert one is circuits.circuit("openai", "/responses", "m")
    assert one is not circuits.circuit("openai", "/responses", "other")
    for number in range(10_000):
        circuits.circuit("openai", "/responses", str(number))
    assert one is not circuits.circuit("openai", "/responses", "m")
    assert Circuits(CircuitBreakerConfig()).circuit("openai", "/responses", "m") is None
