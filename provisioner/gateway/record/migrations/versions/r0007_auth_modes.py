"""The auth mode of an interception."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; of what was recorded before, nobody knows it."""
    with op.batch_alter_table("interception") as table:
        table.add_column(sa.Column("auth_mode", sa.Text, nullable=False, server_default=""))
