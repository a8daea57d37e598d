"""One timer for many answers: each has its own time, and none that is over is ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from provisioner.gateway.upstreams.http_patience import Patience


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time goes on when it is told to."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def go_to(self, now: float) -> None:
        self.now = now
        for _ in range(2):
            self.run_until_complete(asyncio.sleep(0))


def watched(work: Callable[[Clock, Patience], None]) -> list[float]:
    """Return when there was no patience left while `work` went on."""
    clock, over = Clock(), list[float]()
    work(clock, Patience(clock, lambda: over.append(clock.now)))
    clock.close()
    return over


def test_silence_ends_it() -> None:
    def work(clock: Clock, patience: Patience) -> None:
        patience.start(10, None)
        clock.go_to(6)
        patience.heard()
        clock.go_to(12)
        clock.go_to(17)

    assert watched(work) == [17]


def test_a_later_answer_has_all_of_its_time() -> None:
    def work(clock: Clock, patience: Patience) -> None:
        patience.start(10, None)
        clock.go_to(3)
        patience.rest()
        clock.go_to(8)
        patience.start(10, None)
        clock.go_to(11)
        clock.go_to(17)
        clock.go_to(19)

    assert watched(work) == [19]


def test_an_answer_with_less_time_is_not_given_more() -> None:
    def work(clock: Clock, patience: Patience) -> None:
        patience.start(100, None)
        patience.rest()
        clock.go_to(1)
        patience.start(10, 5)
        clock.go_to(4)
        patience.heard()
        clock.go_to(7)

    assert watched(work) == [7]


def test_nobody_is_ended_between_two_answers() -> None:
    def work(clock: Clock, patience: Patience) -> None:
        patience.start(10, None)
        patience.rest()
        clock.go_to(20)
        patience.start(10, None)
        clock.go_to(25)
        patience.end()
        clock.go_to(40)

    assert watched(work) == []
