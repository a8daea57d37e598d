"""Records on their way to the store: taken at once, written in batches by one thread.

A request never waits for a write. When the writer falls behind by the whole queue, requests wait
for room instead: records are not thrown away.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from provisioner.gateway.afterwards import Afterwards
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.model import InterceptionEnd, Record
from provisioner.gateway.record.room import Room

__all__ = ["RecordQueue"]

_log = logging.getLogger(__name__)

_Weighed = tuple[Record, int]


class RecordQueue:
    """Takes records on the event loop that started it, and hands them over in order."""

    def __init__(
        self,
        write: Callable[[Sequence[Record]], None],
        *,
        limit: int = 10_000,
        limit_bytes: int = 64 * 1024 * 1024,
        batch: int = 500,
        gather_seconds: float = 0.1,
        retry_seconds: float = 0.2,
        closing_seconds: float = 10.0,
        watch: Callable[[Record], None] | None = None,
    ) -> None:
        """Write at most `batch` records at a time with `write`, and hold at most `limit`.

        The text of users in them stays below `limit_bytes`, or is that of a single record.
        After the first record of a batch the writer gives others `gather_seconds` to come: few
        large writes take the interpreter away from the event loop far less than many small ones.
        A close waits for the store at most `closing_seconds`. `watch` sees each record as it comes.
        """
        self._write = write
        self._batch = batch
        self._gather_seconds = gather_seconds
        self._retry_seconds = retry_seconds
        self._closing_seconds = closing_seconds
        self._watch = watch
        self._afterwards = Afterwards()
        self._room = Room(limit, limit_bytes)
        self._late: set[asyncio.Task[None]] = set()
        self._waiting: queue.SimpleQueue[_Weighed | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gateway-records", daemon=True)
        self._close_by = 0.0
        self._failing = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, afterwards: Afterwards | None = None) -> None:
        """Start the writer; call it on the event loop.

        Records come on their way when it is time for what is done `afterwards`.
        """
        self._loop = asyncio.get_running_loop()
        self._afterwards = afterwards or self._afterwards
        self._thread.start()

    @property
    def failing(self) -> bool:
        """Whether records wait because the last try to write them failed."""
        return self._failing

    async def put(self, record: Record) -> None:
        """Take `record`, waiting only while the queue is full; cancelled means not taken."""
        weight = _weight(record)
        await self._room.take(weight)
        self._taken(lambda: record, weight)

    def put_now(self, record: Record) -> bool:
        """Take `record` and return true, or false while the queue is full."""
        return self.put_later(lambda: record, _weight(record))

    def put_later(self, make: Callable[[], Record], weight: int) -> bool:
        """Take what `make` returns, as `put_now` does; it is called once nobody waits for it.

        `weight` is about how many bytes it will hold that users and models wrote.
        """
        if not self._room.take_now(weight):
            return False
        self._taken(make, weight)
        return True

    def put_surely(self, record: Record) -> None:
        """Take `record`; while the queue is full it has its turn, and who puts more waits."""
        if self.put_now(record):
            return
        late = asyncio.create_task(self.put(record))
        self._late.add(late)
        late.add_done_callback(self._late.discard)

    async def close(self) -> None:
        """Write all that was taken, then stop the writer.

        While the store is away that ends after the time for closing, whatever is lost then.
        """
        # Set before anything is waited for: the writer gives up by it, and so makes room.
        self._closing.set()
        self._afterwards.catch_up()
        await asyncio.gather(*self._late, return_exceptions=True)
        self._afterwards.catch_up()
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _taken(self, make: Callable[[], Record], weight: int) -> None:
        self._afterwards.add(partial(self._pass_on, make, weight))

    def _pass_on(self, make: Callable[[], Record], weight: int) -> None:
        try:
            record = make()
        except Exception as error:  # noqa: BLE001 - one bad record must not stop the others
            _log.error("1 record lost: %s", type(error).__name__)
            self._room.give_back(1, weight)
            return
        self._waiting.put((record, weight))
        if self._watch is not None:
            self._watch(record)

    def _run(self) -> None:
        more = True
        while more:
            batch, more = self._next_batch()
            if batch:
                self._hand_over([record for record, _ in batch])
                self._free(len(batch), sum(weight for _, weight in batch))

    def _next_batch(self) -> tuple[list[_Weighed], bool]:
        """Wait for a record, take those behind it too; False when the queue was closed."""
        batch: list[_Weighed] = []
        record = self._waiting.get()
        if record is not None and self._waiting.qsize() < self._batch:
            self._closing.wait(self._gather_seconds)
        while record is not None:
            batch.append(record)
            if len(batch) == self._batch:
                return batch, True
            try:
                record = self._waiting.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _hand_over(self, batch: Sequence[Record]) -> None:
        while True:
            if 0 < self._close_by <= time.monotonic():
                # One more try may take as long as a server that does not answer.
                _log.error("%d records lost: the gateway is being stopped", len(batch))
                return
            try:
                self._write(batch)
            except DatabaseAwayError as error:
                if not self._failing:
                    self._failing = True
                    _log.warning("records cannot be stored, trying again: %s", error)
                if self._given_up():
                    _log.error("%d records lost: %s", len(batch), error)
                    return
            except Exception as error:  # noqa: BLE001 - one bad record must not stop the others
                self._reached()
                self._one_by_one(batch, error)
                return
            else:
                self._reached()
                return

    def _reached(self) -> None:
        if self._failing:
            self._failing = False
            _log.warning("records can be stored again")

    def _given_up(self) -> bool:
        """Wait before the next try; a gateway that is told to stop does not wait for ever."""
        if not self._closing.wait(self._retry_seconds):
            return False
        now = time.monotonic()
        self._close_by = self._close_by or now + self._closing_seconds
        left = self._close_by - now
        time.sleep(max(min(self._retry_seconds, left), 0.0))
        return left <= self._retry_seconds

    def _one_by_one(self, batch: Sequence[Record], error: Exception) -> None:
        if len(batch) == 1:
            _log.error("1 record lost: %s", type(error).__name__)
            return
        for record in batch:
            self._hand_over([record])

    def _free(self, count: int, weight: int) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._room.give_back, count, weight)


def _weight(record: Record) -> int:
    """Return about how many bytes `record` holds that users and models wrote."""
    if not isinstance(record, InterceptionEnd):
        return len(record.user_agent) + len(record.model)
    prompts = sum(len(prompt.prompt) for prompt in record.prompts)
    tools = sum(len(tool.args_json) for tool in record.tools)
    return prompts + tools + sum(len(thought.content) for thought in record.thoughts)
