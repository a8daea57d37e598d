"""The accounts of budgets: what is spent, what is reserved, and for which request.

Every transaction locks the accounts it touches in one order, so that gateways on one database take
turns and never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

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

    def take(self, hold: Hold) -> None:
        """Set aside what `hold` wants."""
        if hold.books:
            self.spent += hold.amount
        else:
            self.reserved += hold.amount


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
    """All that the request `id` wants; `providers` may answer it."""

    id: str
    holds: tuple[Hold, ...]
    providers: tuple[str, ...]


class Reserved(NamedTuple):
    """What became of a reservation.

    `refused` is the hold that had no room, None when something was reserved. `closed` are the
    providers that have no room left. `levels` tells of each hold how much was gone before it.
    """

    refused: Hold | None = None
    closed: frozenset[str] = frozenset()
    levels: Mapping[Hold, int] = MappingProxyType({})


class _Released(NamedTuple):
    """What was reserved in an account for a request that is over."""

    account: AccountKey
    request: str
    unit: str
    provider: str
    amount: int


_Balances = Mapping[AccountKey, Balance]


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
    balances, settled = _opened(plain, asked, spent)
    for released in settled:
        _book(released, spent[released.request], balances[released.account])
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
    changed = {released.account for released in settled} | {hold.account for _, hold in kept}
    _store(plain, changed, balances)
    rows = [_row(gateway_id, request, hold, now) for request, hold in kept if not hold.books]
    plain.run_each(_RESERVE, rows)
    return answers


def book_abandoned(plain: Plain, before: int, most: int = 1_000) -> int:
    """Book as spent what gateways had reserved that are dead, or before `before`; return how many.

    At most `most` requests are booked. What such a request cost nobody knows; it was let in on what
    was reserved for it.
    """
    found = plain.rows(_ABANDONED, (before, most))
    if not found:
        return 0
    # Its own gateway, taken for dead too soon, may settle one meanwhile.
    balances, abandoned = _opened(plain, set(), [str(request) for (request,) in found])
    for released in abandoned:
        balance = balances[released.account]
        balance.reserved = max(balance.reserved - released.amount, 0)
        balance.spent += released.amount
    _store(plain, {released.account for released in abandoned}, balances)
    return len(abandoned)


def _judged(reservation: Reservation, balances: Mapping[AccountKey, Balance]) -> Reserved:
    full = [h for h in reservation.holds if h.blocks and balances[h.account].level >= h.limit]
    levels = {hold: balances[hold.account].level for hold in reservation.holds}
    closed = frozenset(hold.provider for hold in full if hold.provider)
    for hold in full:
        if not hold.provider or closed.issuperset(reservation.providers):
            return Reserved(hold, closed, levels)
    return Reserved(None, closed, levels)


def _book(released: _Released, cost: Spent, balance: Balance) -> None:
    balance.reserved = max(balance.reserved - released.amount, 0)
    # What was reserved for a provider that did not answer in the end costs nothing.
    if released.provider in ("", cost.provider):
        least = released.amount if cost.at_least_reserved else 0
        balance.spent += max(cost.amounts.get(released.unit, 0), least)


def _opened(
    plain: Plain, asked: set[AccountKey], over: Collection[str]
) -> tuple[Mapping[AccountKey, Balance], Sequence[_Released]]:
    """Return accounts, for this transaction alone, and what was reserved in them for requests.

    The accounts are those that are `asked` for, and those that hold anything for the requests that
    are `over`; that is no longer reserved.
    """
    if not plain.is_postgres:
        # Whoever writes there has all of them.
        released = _released(plain, over)
        return _locked(plain, asked | {each.account for each in released}), released
    those, values = among(plain, over)
    rows = plain.rows(_HELD.format(those), values) if over else ()
    balances = _locked(plain, asked | {AccountKey(*row) for row in rows})
    return balances, _released(plain, over if rows else ())


def _released(plain: Plain, requests: Collection[str]) -> Sequence[_Released]:
    if not requests:
        return ()
    those, values = among(plain, requests)
    rows = plain.rows(_RELEASE.format(those), values)
    return [
        _Released(AccountKey(budget, subject, start), *rest)
        for budget, subject, start, *rest in rows
    ]


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


def _row(gateway_id: str, request: str, hold: Hold, now: int) -> tuple[object, ...]:
    return (request, *hold.account, hold.unit, hold.provider, hold.amount, gateway_id, now)


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
INSERT INTO budget_reservation
(id, budget, subject, window_start, unit, provider, amount, gateway_id, made_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ABANDONED = """
SELECT DISTINCT id FROM budget_reservation
WHERE gateway_id NOT IN (SELECT id FROM gateway) OR made_at < ? LIMIT ?
"""
_HELD = "SELECT DISTINCT budget, subject, window_start FROM budget_reservation WHERE id {}"
_RELEASE = """
DELETE FROM budget_reservation WHERE id {}
RETURNING budget, subject, window_start, id, unit, provider, amount
"""
