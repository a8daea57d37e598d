"""What is left to do once an answer is sent: when it is done, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from provisioner.gateway.afterwards import Afterwards


def test_it_is_done_in_order_though_nothing_else_happens() -> None:
    done: list[int] = []

    async def test() -> None:
        afterwards = Afterwards()
        # The second time is as good as the first.
        for numbers in (range(3), range(3, 5)):
            all_done = asyncio.Event()
            for number in numbers:
                afterwards.add(_noting(done, number))
            afterwards.add(all_done.set)
            async with asyncio.timeout(30):
                await all_done.wait()

    asyncio.run(test())

    assert done == [0, 1, 2, 3, 4]


def test_it_is_done_once_the_task_waits_for_something() -> None:
    async def test() -> None:
        afterwards, done = Afterwards(), list[int]()
        afterwards.add(_noting(done, 1))
        afterwards.soon()
        assert done == []
        await asyncio.sleep(0)
        assert done == [1]

    asyncio.run(test())


def test_to_catch_up_does_what_comes_up_on_the_way_too() -> None:
    async def test() -> None:
        afterwards, done = Afterwards(), list[int]()
        afterwards.add(lambda: afterwards.add(_noting(done, 2)))
        afterwards.add(_noting(done, 1))
        afterwards.catch_up()
        assert done == [1, 2]

    asyncio.run(test())


def test_what_fails_stops_nobody_and_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("sk-secret")

    async def test() -> None:
        afterwards, done = Afterwards(), list[int]()
        afterwards.add(fail)
        afterwards.add(_noting(done, 1))
        afterwards.catch_up()
        assert done == [1]

    asyncio.run(test())

    assert caplog.messages == ["internal error: ValueError"]


def _noting(done: list[int], number: int) -> Callable[[], None]:
    return lambda: done.append(number)
