"""What the gateways on one database count together: places, requests, circuits, keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables of each."""
    _counts()
    _states()


def _counts() -> None:
    op.create_table(
        "lease",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("gateway_id", sa.String(36), primary_key=True),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("lapses_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "rate_count",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("second", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("requests", sa.Integer, nullable=False),
    )


def _states() -> None:
    op.create_table(
        "circuit",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("counted_since", sa.BigInteger, nullable=False),
        sa.Column("open_until", sa.BigInteger),
        sa.Column("trials", sa.Integer, nullable=False),
        sa.Column("successes", sa.Integer, nullable=False),
        sa.Column("tried_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "key_pause",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("limited", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    )
