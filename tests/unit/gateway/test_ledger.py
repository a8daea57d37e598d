"""The ledger: one request that the database does not take, and one that is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.gateway.actor import Actor
from provisioner.gateway.policy.budget_config import BudgetConfig
from provisioner.gateway.policy.budgets import BudgetCheck
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.policy.judged import Asked
from provisioner.gateway.policy.ledger import Ledger
from provisioner.gateway.policy.spending import Prices
from provisioner.gateway.record.budget_accounts import read_accounts
from provisioner.gateway.record.budgets import AccountKey, Balance, Hold, Reservation, Reserved
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.opened import open_database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BUDGET = BudgetConfig.model_validate(
    {"name": "day", "scope": "principal", "window": "total", "limit_requests": 9}
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "state", None)
    yield opened
    opened.close()


def wants(request: str, subject: str) -> Reservation:
    return Reservation(
        request, (Hold(AccountKey("day", subject, 0), "requests", 1, 9, True),), (), "budgets"
    )


def balances(database: Database) -> dict[str, Balance]:
    found = database.read(lambda c: read_accounts(c, {"day": 0}))
    return {account.subject: balance for account, balance in found.items()}


def test_what_the_database_does_not_take_costs_nobody_else_anything(database: Database) -> None:
    async def run() -> list[Reserved | BaseException]:
        ledger = Ledger(database, "g")
        await ledger.reserve(wants("before", "ada"))
        ledger.settle("before", Spent("", {"requests": 1}))
        asked = (wants("1", "bob"), wants("2", "\ud800"), wants("3", "eve"))
        answers = await asyncio.gather(*map(ledger.reserve, asked), return_exceptions=True)
        await ledger.close()
        return answers

    bob, odd, eve = asyncio.run(run())

    assert isinstance(odd, UnicodeEncodeError)
    assert isinstance(bob, Reserved)
    assert isinstance(eve, Reserved)
    assert balances(database) == {"ada": Balance(1, 0), "bob": Balance(0, 1), "eve": Balance(0, 1)}


def test_a_request_that_is_given_up_once_it_is_answered_holds_nothing(database: Database) -> None:
    class GivenUp(Ledger):
        async def reserve(self, wanted: Reservation) -> Reserved:
            await super().reserve(wanted)
            raise asyncio.CancelledError

    async def run() -> None:
        ledger = GivenUp(database, "g")
        check = BudgetCheck([BUDGET], ledger, Prices({}), reserve_output_tokens=1)
        engine = PolicyEngine([check], ledger=ledger, prices=Prices({}))
        asked = Asked("i", "responses", Actor("ada", "1"), "m", {}, 9, {}, None, NOW)
        with pytest.raises(asyncio.CancelledError):
            await engine.judge(asked)
        await engine.close()

    asyncio.run(run())

    assert balances(database) == {"1": Balance(0, 0)}
