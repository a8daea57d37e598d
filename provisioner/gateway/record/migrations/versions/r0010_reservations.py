"""What a request reserved in all its budgets is one row."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0010"
down_revision = "0009"

_OLD = sa.text("SELECT * FROM budget_reservation ORDER BY id, gateway_id, made_at")


def upgrade() -> None:
    """Make the table anew with what is in it."""
    rows = [
        {
            "id": of_one[0],
            "part": str(of_one[2]),
            "holds": json.dumps(
                [
                    [
                        [row.budget, row.subject, row.window_start],
                        row.unit,
                        row.provider,
                        row.amount,
                    ]
                    for row in found
                ]
            ),
            "gateway_id": of_one[1],
            "made_at": of_one[2],
        }
        for of_one, found in groupby(
            op.get_bind().execute(_OLD), key=attrgetter("id", "gateway_id", "made_at")
        )
    ]
    op.drop_table("budget_reservation")
    table = op.create_table(
        "budget_reservation",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("holds", sa.Text, nullable=False),
        sa.Column("gateway_id", sa.String(36), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(table, rows)
