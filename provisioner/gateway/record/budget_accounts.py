"""The accounts of budgets as people ask for them: what is spent, and starting one again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, and_, or_, select, update

from provisioner.gateway.record.budgets import AccountKey, Balance
from provisioner.gateway.record.schema import budget_account

__all__ = ["read_accounts", "reset_account", "spent_subjects"]


def read_accounts(connection: Connection, since: Mapping[str, int]) -> dict[AccountKey, Balance]:
    """Return the accounts of the budgets in `since`, name → start of the window that counts now."""
    table = budget_account
    current = [
        and_(table.c.budget == name, table.c.window_start == start) for name, start in since.items()
    ]
    if not current:
        return {}
    rows = connection.execute(select(table).where(or_(*current)).order_by(*table.primary_key))
    return {
        AccountKey(row.budget, row.subject, row.window_start): Balance(row.spent, row.reserved)
        for row in rows
    }


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
