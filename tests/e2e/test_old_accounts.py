"""Accounts that count no more go, on SQLite and on PostgreSQL; all others stay."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from provisioner.gateway.record.database import Database
from provisioner.gateway.record.old_accounts import delete_accounts
from provisioner.gateway.record.schema import budget_account

# Name, start of the window, what is reserved.
ACCOUNTS = [
    ("rate/a", 4, 0),
    ("rate/b", 5, 0),
    ("rate/c", 4, 1),
    ("rate/d", 0, 0),
    ("Rate/e", 4, 0),
    ("rates", 4, 0),
    ("%", 4, 0),
]


@pytest.mark.parametrize(
    ("prefix", "gone"),
    [
        ("rate/", {"rate/a"}),
        ("rate_", set()),
        ("%", {"%"}),
        ("", {"rate/a", "Rate/e", "rates", "%"}),
    ],
)
def test_what_is_old_and_named_so_goes(database: Database, prefix: str, gone: set[str]) -> None:
    rows = [
        {"budget": name, "subject": "s", "window_start": start, "spent": 7, "reserved": reserved}
        for name, start, reserved in ACCOUNTS
    ]
    database.write(lambda c: c.execute(insert(budget_account), rows) and None)

    assert database.write_plain(lambda c: delete_accounts(c, prefix, 5)) == len(gone)

    left = database.read(lambda c: c.execute(select(budget_account.c.budget)).scalars().all())
    assert set(left) == {name for name, _, _ in ACCOUNTS} - gone
