"""The route of an interception, and what the agent firewall calls it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; of what was recorded before, nobody knows them."""
    with op.batch_alter_table("interception") as table:
        table.add_column(sa.Column("route", sa.Text, nullable=False, server_default=""))
        table.add_column(sa.Column("agent_firewall_session_id", sa.String(36)))
        table.add_column(sa.Column("agent_firewall_sequence_number", sa.BigInteger))
