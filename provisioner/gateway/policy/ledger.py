"""Reservations and debits of many requests to the database, as many at once as come together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.budgets import Reservation, Reserved, reserve, settle
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.stored import microseconds

__all__ = ["Ledger"]

_MOST_TOGETHER = 200
_RETRY_SECONDS = 0.5
_CLOSING_SECONDS = 5.0

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
        self._write_soon()

    async def close(self) -> None:
        """Write what there is, for a while."""
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=_CLOSING_SECONDS)
            self._writer.cancel()

    def _write_soon(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._wanted or self._spent:
            wanted, self._wanted = self._wanted[:_MOST_TOGETHER], self._wanted[_MOST_TOGETHER:]
            batch = [(reservation, answer) for reservation, answer in wanted if not answer.done()]
            spent, self._spent = self._spent, {}
            asked = [reservation for reservation, _ in batch]
            try:
                work = partial(self._work, spent=spent, wanted=asked)
                answers = await self._database.write_async(work)
            except DatabaseAwayError as error:
                self._spent = spent | self._spent
                _refuse(batch, error)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - each caller is told
                _refuse(batch, error)
            else:
                self._tell(batch, answers)

    def _work(
        self, connection: Connection, spent: dict[str, Spent], wanted: Sequence[Reservation]
    ) -> list[Reserved]:
        settle(connection, spent)
        now = microseconds(datetime.now(UTC))
        return reserve(connection, self._gateway_id, wanted, now)

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
