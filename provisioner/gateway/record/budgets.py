"""The accounts of budgets: what is spent, what is reserved, and for which request.

Every transaction locks the accounts it touches in one order, so that gateways on one database take
turns and never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from provisioner.gateway.record.model import Spent
from provisioner.gateway.record.plain import Plain, among

__all__ = [
    "RATE_PREFIX",
    "AccountKey",
    "Balance",
    "Hold",
    "Reservation",
    "Reserved",
    "book_abandoned",
    "settle_and_reserve",
]


RATE_PREFIX = "rate/"
"""How the accounts begin that count requests for a rate; a budget cannot be named so."""


class AccountKey(NamedTuple):
    """One subject of one budget in one window, whose start is in microseconds since 1970."""

    budget: str
    subject: str
    window_start: int


class Balance(Struct):
    """What an account holds."""

    spent: int = 0
    reserved: int = 0

    @property
    def level(self) -> int:
        """What is gone already or may be."""
        return self.spent + self.reserved


class Hold(NamedTuple):
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


class Reservation(NamedTuple):
    """All that the request `id` wants; `providers` may answer it.

    Each `part` of the policy reserves once for a request.
    """

    id: str
    holds: tuple[Hold, ...]
    providers: tuple[str, ...]
    part: str


class Reserved(NamedTuple):
    """What became of a reservation.

    `refused` is the hold that had no room, None when something was reserved. `closed` are the
    providers that have no room left. `levels` tells of each hold how much was gone before it.
    """

    refused: Hold | None = None
    closed: frozenset[str] = frozenset()
    levels: Sequence[int] = ()


_Balances = Mapping[AccountKey, Balance]
_Kept = tuple[AccountKey, str, str, int]
"""What is kept of a hold: account, unit, provider, amount."""
_Released = tuple[str, list[_Kept]]
"""What was reserved for a request that is over."""


def settle_and_reserve(
    plain: Plain,
    gateway_id: str,
    spent: Mapping[str, Spent],
    wanted: Sequence[Reservation],
    *,
    now: int,
) -> list[Reserved]:
    """Book what requests cost, then reserve for others; tell how that went for each of `wanted`.

    Of `spent`, by the ids of requests, what was reserved for them is let go; doing that twice
    changes nothing. Of `wanted` each is reserved wholly or not at all, one after another: a request
    is let in as long as anything is left, so an account ends above its limit by no more than what
    the last one costs, and what running ones cost beyond their reservations.
    """
    asked = {hold.account for reservation in wanted for hold in reservation.holds}
    balances, released = _opened(plain, asked, spent)
    changed = _settled(released, spent, balances)
    answers: list[Reserved] = []
    rows: list[tuple[object, ...]] = []
    for reservation in wanted:
        answer = _judged(reservation, balances)
        answers.append(answer)
        if answer.refused is not None:
            continue
        kept: list[_Kept] = []
        for hold in reservation.holds:
            if hold.provider in answer.closed:
                continue
            account, amount = hold.account, hold.amount
            balance = balances[account]
            changed.add(account)
            if hold.books:
                balance.spent += amount
                continue
            balance.reserved += amount
            kept.append((account, hold.unit, hold.provider, amount))
        if kept:
            holds = msgspec.json.encode(kept).decode()
            rows.append((reservation.id, reservation.part, holds, gateway_id, now))
    _store(plain, changed, balances)
    plain.run_each(_RESERVE, rows)
    return answers


def book_abandoned(plain: Plain, before: int, most: int = 1_000) -> int:
    """Book as spent what gateways had reserved that are dead, or before `before`.

    At most `most` requests are booked; return of how many something was left. What such a request
    cost nobody knows; it was let in on what was reserved for it.
    """
    found = plain.rows(_ABANDONED, (before, most))
    if not found:
        return 0
    # Its own gateway, taken for dead too soon, may settle one meanwhile.
    balances, abandoned = _opened(plain, set(), [str(request) for (request,) in found])
    changed = set()
    for _, holds in abandoned:
        for account, _, _, amount in holds:
            balance = balances[account]
            balance.reserved = max(balance.reserved - amount, 0)
            balance.spent += amount
            changed.add(account)
    _store(plain, changed, balances)
    return len({request for request, _ in abandoned})


def _judged(reservation: Reservation, balances: _Balances) -> Reserved:
    levels, full = [], []
    for hold in reservation.holds:
        level = balances[hold.account].level
        levels.append(level)
        if hold.blocks and level >= hold.limit:
            full.append(hold)
    if not full:
        return Reserved(levels=levels)
    closed = frozenset(hold.provider for hold in full if hold.provider)
    for hold in full:
        if not hold.provider or closed.issuperset(reservation.providers):
            return Reserved(hold, closed, levels)
    return Reserved(None, closed, levels)


def _settled(
    released: Iterable[_Released], spent: Mapping[str, Spent], balances: _Balances
) -> set[AccountKey]:
    """Book what the requests cost for which something was reserved; return whose it was."""
    changed = set()
    for request, holds in released:
        cost = spent[request]
        for account, unit, provider, amount in holds:
            changed.add(account)
            balance = balances[account]
            balance.reserved = max(balance.reserved - amount, 0)
            # What was reserved for a provider that did not answer in the end costs nothing.
            if not provider or provider == cost.provider:
                told = cost.amounts.get(unit, 0)
                balance.spent += max(told, amount) if cost.at_least_reserved else max(told, 0)
    return changed


def _opened(
    plain: Plain, asked: set[AccountKey], over: Collection[str]
) -> tuple[_Balances, list[_Released]]:
    """Return accounts, for this transaction alone, and what was reserved in them for requests.

    The accounts are those that are `asked` for, and those that hold anything for the requests that
    are `over`; that is no longer reserved.
    """
    if not plain.is_postgres:
        # Whoever writes there has all of them.
        released = _released(plain, over)
        return _locked(plain, asked | _accounts(released)), released
    those, values = among(plain, over)
    held = _read_kept(plain.rows(_TELL.format(those), values)) if over else []
    balances = _locked(plain, asked | _accounts(held))
    return balances, _released(plain, over if held else ())


def _released(plain: Plain, requests: Collection[str]) -> list[_Released]:
    if not requests:
        return []
    those, values = among(plain, requests)
    if plain.is_postgres:
        return _read_kept(plain.rows(_RELEASE.format(those), values))
    # Before 3.35 SQLite gives nothing back of what it deletes.
    released = _read_kept(plain.rows(_TELL.format(those), values))
    plain.run(_DROP.format(those), values)
    return released


def _read_kept(rows: Iterable[tuple[str, str]]) -> list[_Released]:
    return [(request, _DECODER.decode(holds)) for request, holds in rows]


def _accounts(released: Iterable[_Released]) -> set[AccountKey]:
    return {account for _, holds in released for account, *_ in holds}


def _locked(plain: Plain, accounts: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """Return `accounts`, made where they are new, for this transaction alone."""
    ordered = sorted(accounts)
    found = _read(plain, ordered)
    if len(found) < len(ordered):
        plain.run_each(_OPEN, ordered)
        found = _read(plain, ordered)
    return found


def _read(plain: Plain, ordered: Sequence[AccountKey]) -> dict[AccountKey, Balance]:
    if plain.is_postgres:
        columns = [list(column) for column in zip(*ordered, strict=True)]
        rows = plain.rows(_LOCK, columns) if ordered else ()
        return {AccountKey(*row[:3]): Balance(*row[3:]) for row in rows}
    # Asking for each is the fastest there.
    each = ((account, plain.rows(_FIND, account)) for account in ordered)
    return {account: Balance(*rows[0]) for account, rows in each if rows}


def _store(plain: Plain, accounts: Iterable[AccountKey], balances: _Balances) -> None:
    ordered = [(account, balances[account]) for account in sorted(accounts)]
    plain.run_each(
        _UPDATE, [(balance.spent, balance.reserved, *account) for account, balance in ordered]
    )


_FIND = """
SELECT spent, reserved FROM budget_account WHERE budget = ? AND subject = ? AND window_start = ?
"""
_LOCK = """
SELECT budget, subject, window_start, spent, reserved FROM budget_account
WHERE (budget, subject, window_start) IN
(SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS bigint[])))
ORDER BY budget, subject, window_start FOR UPDATE
"""
_OPEN = """
INSERT INTO budget_account (budget, subject, window_start, spent, reserved) VALUES (?, ?, ?, 0, 0)
ON CONFLICT DO NOTHING
"""
_UPDATE = """
UPDATE budget_account SET spent = ?, reserved = ?
WHERE budget = ? AND subject = ? AND window_start = ?
"""
_RESERVE = """
INSERT INTO budget_reservation (id, part, holds, gateway_id, made_at) VALUES (?, ?, ?, ?, ?)
"""
_ABANDONED = """
SELECT DISTINCT id FROM budget_reservation
WHERE gateway_id NOT IN (SELECT id FROM gateway) OR made_at < ? LIMIT ?
"""
_TELL = "SELECT id, holds FROM budget_reservation WHERE id {}"
_DROP = "DELETE FROM budget_reservation WHERE id {}"
_RELEASE = f"{_DROP} RETURNING id, holds"
_DECODER = msgspec.json.Decoder(list[_Kept])
