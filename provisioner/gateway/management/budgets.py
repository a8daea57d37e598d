"""Budgets: what is spent of each by whom, and starting one again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection

from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError, timestamp
from provisioner.gateway.policy.budget_config import Breach, BudgetConfig, BudgetScope, Unit
from provisioner.gateway.policy.windows import stored_start, window_end, window_start
from provisioner.gateway.record.accounts import find_account
from provisioner.gateway.record.budget_accounts import (
    read_accounts,
    reset_account,
    spent_subjects,
)
from provisioner.gateway.record.budgets import Balance
from provisioner.gateway.record.plain import plain

__all__ = ["blocked_users", "list_budgets", "reset_budget"]

_MICRO = 1_000_000


def list_budgets(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with each budget of the configuration and its accounts of this window."""
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may see budgets.")
    now = datetime.now(UTC)
    starts = {b.name: stored_start(b.window, now) for b in call.budgets}
    accounts = read_accounts(connection, starts)
    documents: list[object] = []
    for budget in call.budgets:
        mine = {key.subject: entry for key, entry in accounts.items() if key.budget == budget.name}
        documents.append(_document(connection, budget, mine, now))
    return ApiAnswer(documents)


def blocked_users(
    connection: Connection, budgets: Iterable[BudgetConfig], now: datetime
) -> Mapping[str, int]:
    """Return how many users are refused now by a budget in each group, or by one of their own: "".

    No other scope is of one user.
    """
    users: dict[str, set[str]] = {"": set()}
    for budget in budgets:
        is_in_group = budget.scope is BudgetScope.GROUP
        is_of_user = is_in_group or budget.scope is BudgetScope.PRINCIPAL
        if not is_of_user or budget.on_breach is not Breach.BLOCK or budget.provider:
            continue
        since = {budget.name: stored_start(budget.window, now)}
        for subject in spent_subjects(connection, since, budget.limit):
            group, _, user = subject.rpartition("/") if is_in_group else ("", "", subject)
            users.setdefault(group, set()).add(user)
    return {group: len(found) for group, found in users.items()}


def reset_budget(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Forget what was spent of a budget, by the `subject` of the query or by all."""
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may reset budgets.")
    name = call.path["budget"]
    if name not in {budget.name for budget in call.budgets}:
        known = ", ".join(budget.name for budget in call.budgets) or "none"
        raise ApiError(404, f'There is no budget "{name}".', f"the configuration has: {known}")
    subject = call.query.get("subject")
    if subject is not None:
        account = find_account(plain(connection), subject)
        subject = subject if account is None else account.id
    return ApiAnswer({"budget": name, "accounts_reset": reset_account(connection, name, subject)})


def _document(
    connection: Connection, budget: BudgetConfig, accounts: Mapping[str, Balance], now: datetime
) -> dict[str, object]:
    start = window_start(budget.window, now)
    return {
        "name": budget.name,
        "scope": budget.scope.value,
        "scope_id": budget.scope_id,
        "window": budget.window.value,
        "provider": budget.provider,
        "unit": budget.unit.value,
        "limit": _shown(budget, budget.limit),
        "on_breach": budget.on_breach.value,
        "started_at": timestamp(start),
        "resets_at": timestamp(window_end(budget.window, start)),
        "accounts": [
            {
                "subject": subject,
                "name": _name(connection, subject),
                "spent": _shown(budget, entry.spent),
                "reserved": _shown(budget, entry.reserved),
                "remaining": _shown(budget, max(budget.limit - entry.level, 0)),
            }
            for subject, entry in accounts.items()
        ],
    }


def _shown(budget: BudgetConfig, amount: int) -> int | str:
    """Return an amount; money is exact only as text."""
    return f"{amount / _MICRO:.6f}" if budget.unit is Unit.USD else amount


def _name(connection: Connection, subject: str) -> str:
    """Return the name of the user that an account is of, else what it is of."""
    group, slash, member = subject.rpartition("/")
    account = find_account(plain(connection), member)
    return subject if account is None else f"{group}{slash}{account.username}"
