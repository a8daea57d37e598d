"""Browsers that are logged in to the dashboard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "dashboard_login",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("sealed_token", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
