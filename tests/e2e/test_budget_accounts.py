"""Accounts of budgets on both databases: exact under any order of events, and among many writers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData, Table, insert, text

from provisioner.gateway.record import schema
from provisioner.gateway.record.budget_accounts import read_accounts, reset_account
from provisioner.gateway.record.budgets import (
    AccountKey,
    Balance,
    Hold,
    Reservation,
    Reserved,
    book_abandoned,
    settle_and_reserve,
)
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.migrate import _migrate
from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.opened import open_database

DAY = AccountKey("day", "ada", 0)
MONTH = AccountKey("month", "acme", 0)
NOW = 1_000


def hold(
    account: AccountKey = DAY, amount: int = 1, limit: int = 3, *, blocks: bool = True, at: str = ""
) -> Hold:
    return Hold(account, "requests", amount, limit, blocks, at)


def ask(database: Database, *wanted: Reservation, gateway: str = "g") -> list[Reserved]:
    return database.write_plain(lambda c: settle_and_reserve(c, gateway, {}, wanted, now=NOW))


def settle(database: Database, spent: Mapping[str, Spent]) -> None:
    database.write_plain(lambda c: settle_and_reserve(c, "g", spent, (), now=NOW))


def wants(name: str, *holds: Hold, providers: tuple[str, ...] = ("openai",)) -> Reservation:
    return Reservation(name, holds, providers, "budgets")


def cost(amount: int, provider: str = "openai") -> Spent:
    return Spent(provider, {"requests": amount})


def balances(database: Database) -> dict[AccountKey, Balance]:
    return database.read(lambda c: read_accounts(c, {"day": 0, "month": 0}))


def test_what_is_reserved_counts_until_it_is_settled(database: Database) -> None:
    asked = [wants(f"r{n}", hold()) for n in range(5)]

    answers = ask(database, *asked)

    assert [answer.refused for answer in answers] == [None] * 3 + [asked[0].holds[0]] * 2
    assert [answer.levels for answer in answers] == [[0], [1], [2], [3], [3]]
    assert balances(database) == {DAY: Balance(0, 3)}

    for _ in range(2):
        settle(database, {"r0": cost(1), "r1": cost(0), "nobody": cost(9)})
    assert balances(database) == {DAY: Balance(1, 1)}


def test_all_or_nothing_across_budgets(database: Database) -> None:
    both = (hold(limit=10), hold(MONTH, limit=1))

    first, second = ask(database, wants("r1", *both), wants("r2", *both))

    assert first.refused is None
    assert second.refused == both[1]
    assert balances(database) == {DAY: Balance(0, 1), MONTH: Balance(0, 1)}


def test_a_budget_that_only_warns_lets_everything_in(database: Database) -> None:
    warning = hold(limit=1, blocks=False)

    answers = ask(database, *(wants(f"r{n}", warning) for n in range(3)))

    assert [(a.refused, a.levels) for a in answers] == [(None, [0]), (None, [1]), (None, [2])]


def test_a_budget_of_one_provider_closes_that_one(database: Database) -> None:
    azure = hold(limit=1, at="azure")
    two = ("azure", "openai")

    answers = ask(database, *(wants(f"r{n}", azure, providers=two) for n in range(2)))
    (alone,) = ask(database, wants("r2", azure, providers=("azure",)))

    assert [answer.closed for answer in answers] == [frozenset(), {"azure"}]
    assert (alone.refused, answers[1].refused) == (azure, None)
    # The other one answered: this budget has nothing to bear.
    settle(database, {"r0": cost(1, "openai")})
    assert balances(database) == {DAY: Balance(0, 0)}


def test_what_a_dead_gateway_had_reserved_is_booked(database: Database) -> None:
    row = {"id": "alive", "host": "h", "pid": 1, "started_at": 0, "seen_at": 0}
    database.write(lambda c: c.execute(insert(schema.gateway).values(row)))
    ask(database, wants("of the living", hold(amount=2, limit=99)), gateway="alive")
    ask(database, wants("of the dead", hold(amount=5, limit=99)), gateway="dead")

    assert [database.write_plain(lambda c: book_abandoned(c, NOW)) for _ in range(2)] == [1, 0]
    assert balances(database) == {DAY: Balance(5, 2)}

    # Too old, whoever made it.
    assert database.write_plain(lambda c: book_abandoned(c, NOW + 1)) == 1
    assert balances(database) == {DAY: Balance(7, 0)}


def test_what_was_reserved_before_an_update_is_settled_after_it(
    tmp_path: Path, address: str | None
) -> None:
    database = open_database(tmp_path, address)
    row = {"id": "r1", "unit": "requests", "window_start": 0, "gateway_id": "g", "made_at": NOW}
    rows = [
        row | {"budget": "day", "subject": "ada", "provider": "", "amount": 2},
        row | {"budget": "month", "subject": "acme", "provider": "azure", "amount": 3},
        row | {"id": "r2", "budget": "day", "subject": "ada", "provider": "", "amount": 4},
    ]

    def back_to_before(c: Connection) -> None:
        schema.metadata.drop_all(c)
        c.execute(text("DROP TABLE alembic_version"))
        _migrate(c, "0009")
        old = Table("budget_reservation", MetaData(), autoload_with=c)
        c.execute(insert(old), rows)
        accounts = {"window_start": 0, "spent": 1, "reserved": 6}
        for budget, subject in (("day", "ada"), ("month", "acme")):
            place = {"budget": budget, "subject": subject}
            c.execute(insert(schema.budget_account).values(accounts | place))

    database.write(back_to_before)
    database.close()
    database = open_database(tmp_path, address)
    settle(database, {"r1": cost(5, "azure")})

    assert balances(database) == {DAY: Balance(6, 4), MONTH: Balance(6, 3)}
    assert database.write_plain(lambda c: book_abandoned(c, NOW + 1)) == 1
    assert balances(database)[DAY] == Balance(10, 0)
    database.close()


def test_a_reset_forgets_what_was_spent(database: Database) -> None:
    ask(database, wants("r1", hold(), hold(MONTH)), wants("r2", hold()))
    settle(database, {"r1": cost(3)})

    assert database.write(lambda c: reset_account(c, "day", "ada")) == 1
    assert database.write(lambda c: reset_account(c, "month", "nobody")) == 0
    assert balances(database) == {DAY: Balance(0, 1), MONTH: Balance(3, 0)}


@pytest.mark.parametrize("limit", [50])
def test_many_at_once_get_no_more_than_there_is(
    tmp_path: Path, address: str | None, limit: int
) -> None:
    """Two hundred requests of four writers, each with accounts in common with the others."""
    writers = [open_database(tmp_path, address) for _ in range(4)]
    let_in: Counter[int] = Counter()
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                names = [f"{number}-{turn}-{n}" for n in range(5)]
                other = AccountKey("month", f"team-{turn % 3}", 0)
                # The order in which a request names its budgets means nothing.
                holds = [hold(limit=limit), hold(other, limit=1_000)][:: 1 if number % 2 else -1]
                answers = ask(writers[number], *(wants(name, *holds) for name in names))
                good = [n for n, a in zip(names, answers, strict=True) if a.refused is None]
                let_in[number] += len(good)
                settle(writers[number], {name: cost(1) for name in good})
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    found = balances(writers[0])
    assert let_in.total() == limit
    assert found.pop(DAY) == Balance(limit, 0)
    assert sum(balance.spent for balance in found.values()) == limit
    for writer in writers:
        writer.close()


@st.composite
def histories(draw: st.DrawFn) -> list[Sequence[object]]:
    """Steps such as `("reserve", id, amount)`, `("settle", id, amount)` and `("book",)`."""
    steps: list[Sequence[object]] = []
    for number in range(draw(st.integers(1, 12))):
        steps.append(("reserve", f"r{number}", draw(st.integers(0, 4))))
        for _ in range(draw(st.integers(0, 2))):
            name = f"r{draw(st.integers(0, number))}"
            steps.append(draw(st.sampled_from([("settle", name, number), ("book",)])))
    return steps


@settings(max_examples=60, deadline=None)
@given(histories())
def test_accounts_are_what_a_plain_list_says(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[object, ...]]
) -> None:
    """Against an oracle that keeps every reservation in a list and adds up."""
    database = open_database(tmp_path_factory.mktemp("accounts"), None)
    limit, spent, running = 7, 0, {}
    for kind, *rest in history:
        if kind == "reserve":
            name, amount = str(rest[0]), int(str(rest[1]))
            room = spent + sum(running.values()) < limit
            (answer,) = ask(database, wants(name, hold(amount=amount, limit=limit)))
            assert (answer.refused is None) == room
            if room:
                running[name] = amount
        elif kind == "settle":
            name, amount = str(rest[0]), int(str(rest[1]))
            settle(database, {name: cost(amount)})
            spent += amount if running.pop(name, None) is not None else 0
        else:
            assert database.write_plain(lambda c: book_abandoned(c, NOW)) == len(running)
            spent += sum(running.values())
            running = {}

    held = balances(database).get(DAY, Balance())
    assert held == Balance(spent, sum(running.values()))
    database.close()
