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

__all__ = ["Spending", "left_of", "shared_left", "spent"]


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent on one day in one auth mode with one provider of pools."""

    day: date
    mode: AuthMode
    provider: PoolProvider
    dollars: Decimal
    organization: str = ""


def spent(
    ledger: Iterable[Spending], mode: AuthMode, provider: PoolProvider | None, day: date
) -> tuple[Decimal, Decimal]:
    """Return what was spent on `day` and in its month; `provider` None is all of them."""
    month = [
        row
        for row in ledger
        if row.mode is mode
        and provider in {None, row.provider}
        and (row.day.year, row.day.month) == (day.year, day.month)
    ]
    total = sum((row.dollars for row in month), Decimal(0))
    return sum((row.dollars for row in month if row.day == day), Decimal(0)), total


def left_of(cap: Cap, ledger: Iterable[Spending], day: date) -> Decimal | None:
    """Return what a new session may spend under `cap`; None without a limit, 0 when it is spent."""
    today, month = spent(ledger, cap.mode, cap.provider, day)
    limits = [
        limit - used
        for limit, used in ((cap.daily, today), (cap.monthly, month), (cap.session, Decimal(0)))
        if limit is not None
    ]
    return max(min(limits), Decimal(0)) if limits else None


def shared_left(quota: Decimal | None, ledger: Iterable[Spending], day: date) -> Decimal | None:
    """Return what is left of today's quota; None without one, 0 when it is used up."""
    if quota is None:
        return None
    return max(quota - spent(ledger, AuthMode.SHARED, None, day)[0], Decimal(0))
