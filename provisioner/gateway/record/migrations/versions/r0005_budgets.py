"""Accounts of budgets, and virtual keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables of budgets, and what a token needs to be a virtual key."""
    with op.batch_alter_table("token") as table:
        table.add_column(sa.Column("policy", sa.Text))
        table.add_column(sa.Column("disabled_at", sa.BigInteger))
        table.add_column(sa.Column("former_hash", sa.String(64)))
        table.add_column(sa.Column("former_until", sa.BigInteger))
        table.create_unique_constraint("token_former_hash_key", ["former_hash"])
    op.create_table(
        "budget_account",
        sa.Column("budget", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("window_start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "budget_reservation",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("budget", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("window_start", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("gateway_id", sa.String(36), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False, index=True),
    )
