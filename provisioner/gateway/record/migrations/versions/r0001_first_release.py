"""The tables of the first release, which were made without a number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make what 0.1.0 makes on its first start."""
    op.create_table(
        "token",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    texts = ("provider", "provider_type", "model")
    op.create_table(
        "interception",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("initiator", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("client_session_id", sa.Text),
        sa.Column("correlating_tool_call_id", sa.Text),
        sa.Column("credential_kind", sa.Text, nullable=False),
        sa.Column("credential_hint", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("interception_by_start", "interception", ["started_at", "id"])
    counts = ("input", "output", "cache_read", "output_reasoning", "total")
    _part("token_usage", ["msg_id"], counts)
    _part("prompt_usage", ["msg_id", "prompt"])
    _part("tool_usage", ["msg_id", "tool", "tool_call_id", "args_json"])
    _part("model_thought", ["content", "source"])


def _part(name: str, texts: list[str], counts: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column(
            "interception_id", sa.String(36), sa.ForeignKey("interception.id"), nullable=False
        ),
        *(sa.Column(column, sa.Text, nullable=False) for column in texts),
        *(sa.Column(column, sa.BigInteger, nullable=False) for column in counts),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index(f"ix_{name}_interception_id", name, ["interception_id"])
