"""Several gateways in one process on a real SQLite database: what they let in at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.gateway.limits import Verdict
from provisioner.gateway.record.admission import Admission
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.schema import lease, rate_count
from provisioner.gateway.record.sqlite import SqliteDatabase
from provisioner.gateway.shared_limits import SharedLimits
from tests.support.gateway_server import post, running_gateway

MOST = 5


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(tmp_path, None)
    yield made
    made.close()


def limits(database: Database, *, rate: int = 0) -> SharedLimits:
    return SharedLimits(database, Admission(GatewayIdentity.of_this_process(), MOST, rate))


def held(database: Database) -> list[int]:
    return list(database.read(lambda c: c.execute(select(lease.c.held)).scalars().all()))


class Clients:
    """Clients of any gateway, of which some hang up; counts those that are served."""

    def __init__(self, gateways: list[SharedLimits], seed: int) -> None:
        self._gateways = gateways
        self._chance = random.Random(seed)
        self._running = 0
        self.most = 0
        self.served = 0

    async def come(self, count: int) -> None:
        kinds = [self._visit, self._impatient]
        await asyncio.gather(*(self._chance.choice(kinds)() for _ in range(count)))

    async def _impatient(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._chance.random() * 0.05):
                await self._visit()

    async def _visit(self) -> None:
        gateway = self._chance.choice(self._gateways)
        if await gateway.enter("token") is not Verdict.SERVED:
            return
        self.served += 1
        self._running += 1
        self.most = max(self.most, self._running)
        try:
            await asyncio.sleep(self._chance.random() * 0.02)
        finally:
            self._running -= 1
            gateway.leave()


@pytest.mark.parametrize("rate", [0, 1_000_000])
@pytest.mark.parametrize("seed", range(3))
def test_clients_that_come_go_and_give_up_never_take_or_lose_a_place(
    database: Database, seed: int, rate: int
) -> None:
    async def main() -> Clients:
        gateways = [limits(database, rate=rate) for _ in range(3)]
        clients = Clients(gateways, seed)
        for gateway in gateways:
            await gateway.start()
        for _ in range(15):
            await clients.come(20)
        for gateway in gateways:
            # Nobody is served: all places are free, for whoever asks.
            await all_free(database)
            verdicts = [await gateway.enter("token") for _ in range(MOST + 1)]
            assert verdicts == [Verdict.SERVED] * MOST + [Verdict.FULL]
            for _ in range(MOST):
                gateway.leave()
        for gateway in gateways:
            await gateway.stop()
        return clients

    clients = asyncio.run(main())
    assert clients.most <= MOST < clients.served
    assert held(database) == []


async def all_free(database: Database) -> None:
    async with asyncio.timeout(30):
        while sum(held(database)):  # noqa: ASYNC110 - it is told by a database
            await asyncio.sleep(0.01)


def test_a_place_that_was_just_given_back_elsewhere_is_found(database: Database) -> None:
    async def main() -> list[Verdict]:
        first, second = limits(database), limits(database)
        for gateway in (first, second):
            await gateway.start()
        verdicts = []
        for number in range(12):
            # One client, one request after the other: never more than one is served.
            gateway = (first, second)[number % 2]
            taken = [await gateway.enter("token") for _ in range(MOST)]
            verdicts += taken
            for _ in taken:
                gateway.leave()
        for gateway in (first, second):
            await gateway.stop()
        return verdicts

    assert set(asyncio.run(main())) == {Verdict.SERVED}


def test_a_gateway_that_is_alone_asks_the_database_once_for_many_requests(
    database: Database,
) -> None:
    writes = 0
    write = database.write_async

    async def counted(work: object) -> object:
        nonlocal writes
        writes += 1
        return await write(work)  # type: ignore[arg-type]

    async def main() -> None:
        database.write_async = counted  # type: ignore[method-assign, assignment]
        gateway = limits(database)
        await gateway.start()
        for _ in range(200):
            assert await gateway.enter("token") is Verdict.SERVED
            gateway.leave()
        await gateway.stop()

    asyncio.run(main())
    assert writes < 20


def test_one_gateway_on_sqlite_counts_in_its_memory(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("max_concurrency = 1\nrate_limit = 5\n")
    question = {"model": "m", "input": "hello"}
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
        statuses = [post(gateway, question).status for _ in range(30)]
        database = SqliteDatabase.open_read_only(gateway.state)
        tables = [lease, rate_count]
        rows = [database.read(lambda c, t=t: len(c.execute(select(t)).all())) for t in tables]
        database.close()

    assert set(statuses) == {200, 429}
    assert rows == [0, 0]
