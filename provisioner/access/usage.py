"""What has been spent, and what that leaves of a cap or of the quota that all share.

Amounts are exact: a sum of many small ones is what was spent, to the last fraction of a cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from provisioner.access.auth_mode import AuthMode
from provisioner.access.pool import Cap, PoolProvider

__all__ = ["Spending", "Spent", "left_of_quota", "left_under", "spent"]

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent on one day in one auth mode with one provider of pools."""

    day: date
    mode: AuthMode
    provider: PoolProvider
    dollars: Decimal
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Sums of a ledger, in US dollars."""

    today: Decimal = _NOTHING
    month: Decimal = _NOTHING
    """That of today, today among it."""
    session: Decimal = _NOTHING
    """In the session that asks; a new one has spent nothing."""


def spent(
    ledger: Iterable[Spending], mode: AuthMode, day: date, provider: PoolProvider | None = None
) -> Spent:
    """Return what was spent in `mode` by `day`, with one provider of pools or with all."""
    month = [
        row
        for row in ledger
        if row.mode is mode
        and provider in {None, row.provider}
        and (row.day.year, row.day.month) == (day.year, day.month)
        and row.day <= day
    ]
    today = sum((row.dollars for row in month if row.day == day), _NOTHING)
    return Spent(today, sum((row.dollars for row in month), _NOTHING))


def left_under(cap: Cap, so_far: Spent) -> Decimal | None:
    """Return what may still be spent under `cap`; None without a limit, 0 when it is used up."""
    pairs = (
        (cap.daily, so_far.today),
        (cap.monthly, so_far.month),
        (cap.session, so_far.session),
    )
    limits = [limit - used for limit, used in pairs if limit is not None]
    return max(min(limits), _NOTHING) if limits else None


def left_of_quota(quota: Decimal | None, so_far: Spent) -> Decimal | None:
    """Return what is left of a quota for every day; None without one, 0 when it is used up."""
    return None if quota is None else max(quota - so_far.today, _NOTHING)
