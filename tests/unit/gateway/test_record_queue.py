"""The queue between requests and the store: order, batches, back-pressure, trouble."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.model import InterceptionEnd, Outcome, PromptUsage, Record
from provisioner.gateway.record.queue import RecordQueue

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def record(name: str) -> InterceptionEnd:
    return InterceptionEnd(name, NOW, Outcome.COMPLETED, 200, "")


class Store:
    """Keeps what is written; a write waits while `open` is not set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()

    def write(self, records: Sequence[Record]) -> None:
        self.entered.set()
        assert self.open.wait(30)
        self.batches.append([entry.id for entry in records])

    @property
    def names(self) -> list[str]:
        return [name for batch in self.batches for name in batch]


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(bounded())


def test_all_is_written_in_order_and_in_batches() -> None:
    store = Store()
    names = [str(number) for number in range(25)]

    async def test() -> None:
        queue = RecordQueue(store.write, batch=10)
        store.open.clear()
        queue.start()
        for name in names:
            await queue.put(record(name))
        store.open.set()
        await queue.close()

    run(test)

    assert store.names == names
    assert max(map(len, store.batches)) == 10


def test_a_full_queue_makes_the_sender_wait_and_loses_nothing() -> None:
    store = Store()

    async def test() -> None:
        queue = RecordQueue(store.write, limit=2)
        store.open.clear()
        queue.start()
        await queue.put(record("a"))
        await queue.put(record("b"))
        waiting = asyncio.create_task(queue.put(record("c")))
        given_up = asyncio.create_task(queue.put(record("not taken")))
        queue.put_surely(record("d"))
        await asyncio.to_thread(store.entered.wait, 30)
        assert not waiting.done()
        given_up.cancel()
        await asyncio.sleep(0)
        store.open.set()
        await waiting
        await queue.close()

    run(test)

    assert store.names == ["a", "b", "c", "d"]


def test_a_record_is_made_once_nobody_waits_and_has_its_place_from_the_start() -> None:
    store, made = Store(), list[str]()

    def make() -> Record:
        made.append("b")
        return record("b")

    async def test() -> None:
        queue = RecordQueue(store.write, limit_bytes=100)
        queue.start()
        await queue.put(record("a"))
        assert queue.put_later(make, 90)
        assert not queue.put_later(lambda: record("too much"), 11)
        await queue.put(record("c"))
        assert made == []
        await queue.close()

    run(test)

    assert made == ["b"]
    assert store.names == ["a", "b", "c"]


def test_a_record_that_cannot_be_made_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()

    def make() -> Record:
        raise ValueError("sk-secret")

    async def test() -> None:
        queue = RecordQueue(store.write, limit=2)
        queue.start()
        assert queue.put_later(make, 0)
        assert queue.put_now(record("a"))
        # Its place is free again.
        await queue.put(record("b"))
        await queue.close()

    run(test)

    assert store.names == ["a", "b"]
    assert caplog.messages == ["1 record lost: ValueError"]


def test_large_records_wait_for_room_in_bytes() -> None:
    store = Store()
    text = [PromptUsage("m", "x" * 60, NOW)]

    async def test() -> None:
        queue = RecordQueue(store.write, limit_bytes=100, batch=1)
        store.open.clear()
        queue.start()
        await queue.put(replace(record("a"), prompts=tuple(text * 5)))
        heavy, cancelled, light = (
            asyncio.create_task(queue.put(replace(record(name), prompts=tuple(text))))
            for name in ("b", "c", "d")
        )
        await asyncio.sleep(0)
        assert not any(task.done() for task in (heavy, cancelled, light))
        cancelled.cancel()
        store.open.set()
        await heavy
        await light
        await queue.close()

    run(test)

    assert store.names == ["a", "b", "d"]


def test_a_store_that_is_busy_is_asked_again() -> None:
    store = Store()
    refusals = iter([DatabaseAwayError(), DatabaseAwayError()])

    def write(records: Sequence[Record]) -> None:
        for refusal in refusals:
            raise refusal
        store.write(records)

    async def test() -> None:
        queue = RecordQueue(write, retry_seconds=0.001)
        queue.start()
        await queue.put(record("a"))
        await asyncio.to_thread(store.entered.wait, 30)
        await queue.close()

    run(test)

    assert store.names == ["a"]


def test_one_bad_record_does_not_take_others_with_it(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()

    def write(records: Sequence[Record]) -> None:
        store.entered.set()
        assert store.open.wait(30)
        if any(entry.id == "bad" for entry in records):
            raise ValueError("secret")
        store.write(records)

    async def test() -> None:
        queue = RecordQueue(write)
        store.open.clear()
        queue.start()
        for name in ("a", "bad", "b"):
            await queue.put(record(name))
        store.open.set()
        await queue.close()

    run(test)

    assert store.names == ["a", "b"]
    assert caplog.messages == ["1 record lost: ValueError"]


def test_a_stop_does_not_wait_for_a_store_that_stays_away(caplog: pytest.LogCaptureFixture) -> None:
    def write(records: Sequence[Record]) -> None:
        raise DatabaseAwayError(len(records))

    async def test() -> None:
        queue = RecordQueue(write, retry_seconds=3600, closing_seconds=0)
        queue.start()
        await queue.put(record("a"))
        await queue.close()

    run(test)

    assert caplog.messages == [
        "records cannot be stored, trying again: 1",
        "1 records lost: 1",
    ]


def test_a_stop_tries_no_more_once_its_time_is_over(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def write(records: Sequence[Record]) -> None:
        tries.append(len(records))
        raise DatabaseAwayError("gone")

    async def test() -> None:
        queue = RecordQueue(write, batch=1, retry_seconds=3600, closing_seconds=0)
        queue.start()
        for name in "abc":
            await queue.put(record(name))
        await queue.close()

    run(test)

    # A try may take as long as a server that does not answer.
    assert tries == [1]
    assert sum(" lost: " in message for message in caplog.messages) == 3


def test_a_stop_ends_though_a_late_record_waits_for_room(caplog: pytest.LogCaptureFixture) -> None:
    def write(records: Sequence[Record]) -> None:
        raise DatabaseAwayError(f"away for {len(records)}")

    async def test() -> None:
        queue = RecordQueue(write, limit=2, retry_seconds=0.01, closing_seconds=0.05)
        queue.start()
        await queue.put(record("a"))
        await queue.put(record("b"))
        queue.put_surely(record("c"))
        await asyncio.sleep(0)
        await queue.close()
        assert queue.failing

    run(test)

    lost = [message.split()[0] for message in caplog.messages if " lost: " in message]
    assert sum(map(int, lost)) == 3
