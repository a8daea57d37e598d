"""What the gateways on one database know of a router's credentials that fail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "router_ban",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    )
