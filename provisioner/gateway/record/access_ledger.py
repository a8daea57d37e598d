"""What organizations paid for in each auth mode: the names of the accounts, and what they hold.

They are accounts like those of budgets, so that all gateways on one database share them; their
subjects are organizations, their amounts millionths of a US dollar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from provisioner.gateway.record.schema import budget_account
from provisioner.gateway.record.stored import moment

__all__ = ["DaySpent", "monthly", "quota_of", "read_spent", "spent_in"]

# No budget can be named so: its name has no slash.
_QUOTA = "access/quota/"
_MONTH = "access/month/"
_SPENT = "access/spent/"


@dataclass(frozen=True, slots=True)
class DaySpent:
    """What one organization paid on one day, in UTC, for sessions in one kind of pools."""

    day: date
    mode: str
    pool: str
    organization: str
    micro_dollars: int


def quota_of(mode: str) -> str:
    """Return the account of a day that is the same whatever the pool."""
    return f"{_QUOTA}{mode}"


def monthly(mode: str, pool: str) -> str:
    """Return the account of a month."""
    return f"{_MONTH}{mode}/{pool}"


def spent_in(mode: str, pool: str) -> str:
    """Return the account of a day that is told to others."""
    return f"{_SPENT}{mode}/{pool}"


def read_spent(connection: Connection) -> Sequence[DaySpent]:
    """Return every day on which anything was spent, the oldest first."""
    table = budget_account
    query = select(table).where(table.c.budget.startswith(_SPENT, autoescape=True))
    query = query.where(table.c.spent > 0).order_by(
        table.c.window_start, table.c.budget, table.c.subject
    )
    found = []
    for row in connection.execute(query):
        mode, _, pool = row.budget.removeprefix(_SPENT).partition("/")
        day = moment(row.window_start).date()
        found.append(DaySpent(day, mode, pool, row.subject, row.spent))
    return found
