"""The accounts of budgets: what is spent, what is reserved, and for which request.

Every transaction locks the accounts it touches in one order, so that gateways on one database take
turns and never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, or_, select, tuple_, update

from provisioner.gateway.record.insert_new import insert_new
from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.schema import (
    budget_account,
    budget_reservation,
    gateway,
)

__all__ = [
    "RATE_PREFIX",
    "AccountKey",
    "Balance",
    "Hold",
    "Reservation",
    "Reserved",
    "book_abandoned",
    "delete_accounts",
    "read_accounts",
    "reserve",
    "reset_account",
    "settle",
    "spent_subjects",
]


RATE_PREFIX = "rate/"
"""How the accounts begin that count requests for a rate; a budget cannot be named so."""


class AccountKey(NamedTuple):
    """One subject of one budget in one window, whose start is in microseconds since 1970."""

    budget: str
    subject: str
    window_start: int


@dataclass(slots=True)
class Balance:
    """What an account holds."""

    spent: int = 0
    reserved: int = 0

    @property
    def level(self) -> int:
        """What is gone already or may be."""
        return self.spent + self.reserved

    def take(self, hold: Hold) -> None:
        """Set aside what `hold` wants."""
        if hold.books:
            self.spent += hold.amount
        else:
            self.reserved += hold.amount


@dataclass(frozen=True, slots=True)
class Hold:
    """What one request wants of one account: `amount` of `unit`.

    With `blocks` it is refused once nothing is left of `limit`. With `provider` it concerns only
    what goes there. With `books` it is spent at once, whatever becomes of the request.
    """

    account: AccountKey
    unit: str
    amount: int
    limit: int
    blocks: bool
    provider: str = ""
    books: bool = False


@dataclass(frozen=True, slots=True)
class Reservation:
    """All that the request `id` wants; `providers` may answer it."""

    id: str
    holds: tuple[Hold, ...]
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reserved:
    """What became of a reservation.

    `refused` is the hold that had no room, None when something was reserved. `closed` are the
    providers that have no room left. `levels` tells of each hold how much was gone before it.
    """

    refused: Hold | None = None
    closed: frozenset[str] = frozenset()
    levels: Mapping[Hold, int] = field(default_factory=dict)


def reserve(
    connection: Connection, gateway_id: str, wanted: Sequence[Reservation], now: int
) -> list[Reserved]:
    """Reserve for each of `wanted` in turn, wholly or not at all, and tell how it went.

    A request is let in as long as anything is left, so an account ends above its limit by no more
    than what the last one costs, and what running ones cost beyond their reservations.
    """
    keys = {hold.account for reservation in wanted for hold in reservation.holds}
    balances = _locked(connection, keys)
    answers: list[Reserved] = []
    kept: list[tuple[str, Hold]] = []
    for reservation in wanted:
        answer = _judged(reservation, balances)
        answers.append(answer)
        if answer.refused is None:
            holds = [hold for hold in reservation.holds if hold.provider not in answer.closed]
            for hold in holds:
                balances[hold.account].take(hold)
            kept += [(reservation.id, hold) for hold in holds]
    _store(connection, {hold.account for _, hold in kept}, balances)
    rows = [_row(gateway_id, request, hold, now) for request, hold in kept if not hold.books]
    if rows:
        connection.execute(insert(budget_reservation), rows)
    return answers


def settle(connection: Connection, spent: Mapping[str, Spent]) -> None:
    """Book what the requests in `spent`, by id, really cost, and let go of what was reserved.

    Doing it twice changes nothing.
    """
    if not spent:
        return
    table = budget_reservation
    rows = connection.execute(select(table).where(table.c.id.in_(list(spent)))).all()
    balances = _locked(connection, {_key(row) for row in rows})
    for row in rows:
        balance, cost = balances[_key(row)], spent[row.id]
        balance.reserved = max(balance.reserved - row.amount, 0)
        # What was reserved for a provider that did not answer in the end costs nothing.
        if row.provider in ("", cost.provider):
            least = row.amount if cost.at_least_reserved else 0
            balance.spent += max(cost.amounts.get(row.unit, 0), least)
    _store(connection, balances, balances)
    if rows:
        connection.execute(delete(table).where(table.c.id.in_(list({row.id for row in rows}))))


def book_abandoned(connection: Connection, before: int, most: int = 1_000) -> int:
    """Book as spent what gateways had reserved that are dead, or before `before`; return how many.

    What such a request cost nobody knows; it was let in on what was reserved for it.
    """
    table = budget_reservation
    living = select(gateway.c.id)
    dead = or_(table.c.gateway_id.not_in(living), table.c.made_at < before)
    rows = connection.execute(select(table).where(dead).limit(most)).all()
    if not rows:
        return 0
    balances = _locked(connection, {_key(row) for row in rows})
    for row in rows:
        balance = balances[_key(row)]
        balance.reserved = max(balance.reserved - row.amount, 0)
        balance.spent += row.amount
    _store(connection, balances, balances)
    gone = [
        and_(table.c.id == row.id, table.c.budget == row.budget, table.c.subject == row.subject)
        for row in rows
    ]
    connection.execute(delete(table).where(or_(*gone)))
    return len(rows)


def delete_accounts(connection: Connection, prefix: str, before: int) -> int:
    """Forget the accounts of budgets named so whose window began before `before`."""
    table = budget_account
    old = table.c.budget.startswith(prefix, autoescape=True) & (table.c.window_start < before)
    # A window without an end began at the very start.
    return connection.execute(
        delete(table).where(old, table.c.window_start > 0, table.c.reserved == 0)
    ).rowcount


def read_accounts(connection: Connection, since: Mapping[str, int]) -> dict[AccountKey, Balance]:
    """Return the accounts of the budgets in `since`, name → start of the window that counts now."""
    table = budget_account
    current = [
        and_(table.c.budget == name, table.c.window_start == start) for name, start in since.items()
    ]
    if not current:
        return {}
    rows = connection.execute(select(table).where(or_(*current)).order_by(*table.primary_key))
    return {_key(row): Balance(row.spent, row.reserved) for row in rows}


def spent_subjects(connection: Connection, since: Mapping[str, int], limit: int) -> set[str]:
    """Return whose accounts of the budgets in `since` have nothing left of `limit`.

    `since` is as `read_accounts` takes it.
    """
    table = budget_account
    current = [
        and_(table.c.budget == name, table.c.window_start == start) for name, start in since.items()
    ]
    spent = table.c.spent + table.c.reserved >= limit
    return set(connection.execute(select(table.c.subject).where(or_(*current), spent)).scalars())


def reset_account(connection: Connection, budget: str, subject: str | None) -> int:
    """Forget what was spent on `budget`, by one subject or all; what is reserved stays."""
    table = budget_account
    chosen = table.c.budget == budget
    if subject is not None:
        chosen &= table.c.subject == subject
    return connection.execute(
        update(table).where(chosen, table.c.spent > 0).values(spent=0)
    ).rowcount


def _judged(reservation: Reservation, balances: Mapping[AccountKey, Balance]) -> Reserved:
    full = [h for h in reservation.holds if h.blocks and balances[h.account].level >= h.limit]
    levels = {hold: balances[hold.account].level for hold in reservation.holds}
    closed = frozenset(hold.provider for hold in full if hold.provider)
    for hold in full:
        if not hold.provider or closed.issuperset(reservation.providers):
            return Reserved(hold, closed, levels)
    return Reserved(None, closed, levels)


def _locked(connection: Connection, keys: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """Return the accounts of `keys`, made where they are new, for this transaction alone."""
    ordered = sorted(keys)
    if not ordered:
        return {}
    table = budget_account
    place = tuple_(table.c.budget, table.c.subject, table.c.window_start)
    query = select(table).where(place.in_([tuple(key) for key in ordered]))
    query = query.order_by(*table.primary_key).with_for_update()
    found = connection.execute(query).all()
    if len(found) < len(ordered):
        empty = [{**key._asdict(), "spent": 0, "reserved": 0} for key in ordered]
        insert_new(connection, table, empty)
        found = connection.execute(query).all()
    return {_key(row): Balance(row.spent, row.reserved) for row in found}


def _store(
    connection: Connection, keys: Iterable[AccountKey], balances: Mapping[AccountKey, Balance]
) -> None:
    rows = [
        {
            "of_budget": key.budget,
            "of_subject": key.subject,
            "of_window": key.window_start,
            "new_spent": balances[key].spent,
            "new_reserved": balances[key].reserved,
        }
        for key in sorted(keys)
    ]
    if rows:
        connection.execute(_UPDATE, rows)


_UPDATE = (
    update(budget_account)
    .where(
        budget_account.c.budget == bindparam("of_budget"),
        budget_account.c.subject == bindparam("of_subject"),
        budget_account.c.window_start == bindparam("of_window"),
    )
    .values(spent=bindparam("new_spent"), reserved=bindparam("new_reserved"))
)


def _row(gateway_id: str, request: str, hold: Hold, now: int) -> dict[str, object]:
    return {
        "id": request,
        **hold.account._asdict(),
        "unit": hold.unit,
        "provider": hold.provider,
        "amount": hold.amount,
        "gateway_id": gateway_id,
        "made_at": now,
    }


def _key(row: Row[Any]) -> AccountKey:
    return AccountKey(row.budget, row.subject, row.window_start)
