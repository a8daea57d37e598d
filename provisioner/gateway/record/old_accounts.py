"""Accounts of budgets that count no more, out of the database."""

from __future__ import annotations

from provisioner.gateway.record.plain import Plain

__all__ = ["delete_accounts"]

# A window without an end began at the very start.
_OLD = (
    "DELETE FROM budget_account WHERE substr(budget, 1, ?) = ? "
    "AND window_start < ? AND window_start > 0 AND reserved = 0"
)


def delete_accounts(plain: Plain, prefix: str, before: int) -> int:
    """Forget the accounts of budgets named so whose window began before `before`."""
    return plain.run(_OLD, (len(prefix), prefix, before))
