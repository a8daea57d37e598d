"""Reservations of many requests to the database, as many in one transaction as come together."""

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

_Waiting = tuple[Reservation, asyncio.Future[Reserved]]


class Ledger:
    """The accounts of all budgets, shared by all gateways on one database."""

    def __init__(self, database: Database, gateway_id: str) -> None:
        """Reserve in `database` for requests of the gateway `gateway_id`."""
        self._database = database
        self._gateway_id = gateway_id
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def reserve(self, wanted: Reservation) -> Reserved:
        """Reserve what a request may cost; raises `DatabaseAwayError`.

        If the caller is cancelled meanwhile, nothing stays reserved.
        """
        answer: asyncio.Future[Reserved] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await answer

    async def release(self, *requests: str) -> None:
        """Let go of what was reserved for `requests`, which cost nothing.

        Raises `DatabaseAwayError`.
        """
        nothing = dict.fromkeys(requests, Spent("", {}))
        await self._database.write_async(lambda connection: settle(connection, nothing))

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            batch = [(wanted, answer) for wanted, answer in batch if not answer.done()]
            wanted = [reservation for reservation, _ in batch]
            try:
                answers = await self._database.write_async(partial(self._reserved, wanted=wanted))
            except Exception as error:  # noqa: BLE001 - each caller is told
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            await self._tell(batch, answers)

    async def _tell(self, batch: Sequence[_Waiting], answers: Sequence[Reserved]) -> None:
        left: list[str] = []
        for (reservation, waiting), answer in zip(batch, answers, strict=True):
            if waiting.done():
                left.append(reservation.id)
            else:
                waiting.set_result(answer)
        if left:
            with suppress(DatabaseAwayError):
                await self.release(*left)

    def _reserved(self, connection: Connection, wanted: Sequence[Reservation]) -> list[Reserved]:
        now = microseconds(datetime.now(UTC))
        return reserve(connection, self._gateway_id, wanted, now)
