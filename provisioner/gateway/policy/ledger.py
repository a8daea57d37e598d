"""Reservations and debits of many requests to the database, as many at once as come together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import Reservation, Reserved, settle_and_reserve
from provisioner.gateway.record.database import Database, NotAtOnceError
from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.stored import microseconds

__all__ = ["Ledger"]

_MOST_TOGETHER = 200
_RETRY_SECONDS = 0.5
# Where several came together, the next ones are given time to do so too: one transaction costs
# nearly as much as one of ten requests.
_GATHER_SECONDS = 0.002
# What was spent goes along with the next reservation, if one comes so soon.
_SETTLE_SECONDS = 0.02
_CLOSING_SECONDS = 5.0

_log = logging.getLogger(__name__)

_Waiting = tuple[Reservation, asyncio.Future[Reserved]]


class Ledger:
    """The accounts of all budgets, shared by all gateways on one database.

    What was spent is booked before anybody else reserves, and waits for a database that is away;
    if it never comes back to this gateway, others book what was reserved.
    """

    def __init__(self, database: Database, gateway_id: str) -> None:
        """Reserve in `database` for requests of the gateway `gateway_id`."""
        self._database = database
        self._gateway_id = gateway_id
        self._wanted: list[_Waiting] = []
        self._spent: dict[str, Spent] = {}
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def reserve(self, wanted: Reservation) -> Reserved:
        """Reserve what a request may cost; raises `DatabaseAwayError`.

        If the caller is cancelled meanwhile, nothing stays reserved.
        """
        answer: asyncio.Future[Reserved] = asyncio.get_running_loop().create_future()
        self._wanted.append((wanted, answer))
        self._write_soon()
        return await answer

    def settle(self, request: str, spent: Spent) -> None:
        """Book what `request` cost, soon, and let go of what was reserved for it."""
        self._spent[request] = spent
        self._settle_soon()

    async def close(self) -> None:
        """Write what there is, for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                while self._spent or self._is_writing():
                    await asyncio.wait([self._write_soon()])
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.cancel()

    def _settle_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SETTLE_SECONDS, self._settle_now)

    def _settle_now(self) -> None:
        self._timer = None
        if self._spent:
            self._write_soon()

    def _is_writing(self) -> bool:
        return self._writer is not None and not self._writer.done()

    def _write_soon(self) -> asyncio.Task[None]:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return self._writer

    async def _write(self) -> None:
        is_due = True
        while self._wanted or is_due:
            is_due = False
            wanted, self._wanted = self._wanted[:_MOST_TOGETHER], self._wanted[_MOST_TOGETHER:]
            batch = [(reservation, answer) for reservation, answer in wanted if not answer.done()]
            spent, self._spent = self._spent, {}
            try:
                await self._together(spent, batch)
                if len(batch) > 1:
                    await asyncio.sleep(_GATHER_SECONDS)
            except DatabaseAwayError as error:
                self._spent = spent | self._spent
                _refuse(batch, error)
                await asyncio.sleep(_RETRY_SECONDS)
                is_due = True
            except Exception:  # noqa: BLE001 - found by asking for each alone
                await self._one_by_one(spent, batch)
        if self._spent:
            self._settle_soon()

    async def _together(self, spent: Mapping[str, Spent], batch: Sequence[_Waiting]) -> None:
        asked = [reservation for reservation, _ in batch]
        work = partial(self._work, spent=spent, wanted=asked)
        try:
            answers = self._database.write_at_once(work)
        except NotAtOnceError:
            answers = await self._database.write_plain_async(work)
        self._tell(batch, answers)

    async def _one_by_one(self, spent: Mapping[str, Spent], batch: Sequence[_Waiting]) -> None:
        """Write each alone: what the database does not take must not cost anybody else."""
        for request, cost in spent.items():
            # There may be many, and streams go on between them.
            await asyncio.sleep(0)
            try:
                await self._together({request: cost}, [])
            except DatabaseAwayError:
                self._spent.setdefault(request, cost)
            except Exception:  # noqa: BLE001 - one debit less, told in the log
                _log.exception("a cost cannot be booked; what was reserved for it stays reserved")
        for waiting in batch:
            await asyncio.sleep(0)
            try:
                await self._together({}, [waiting])
            except Exception as error:  # noqa: BLE001 - the caller is told
                _refuse([waiting], error)

    def _work(
        self, plain: Plain, spent: Mapping[str, Spent], wanted: Sequence[Reservation]
    ) -> list[Reserved]:
        now = microseconds(datetime.now(UTC))
        return settle_and_reserve(plain, self._gateway_id, spent, wanted, now=now)

    def _tell(self, batch: Sequence[_Waiting], answers: Sequence[Reserved]) -> None:
        for (reservation, waiting), answer in zip(batch, answers, strict=True):
            if waiting.done():
                # Whoever asked is gone.
                self._spent[reservation.id] = Spent("", {})
            else:
                waiting.set_result(answer)


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for _, answer in batch:
        with suppress(asyncio.InvalidStateError):
            answer.set_exception(error)
