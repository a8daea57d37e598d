"""Users, groups and the life of tokens; threads, sessions and who writes an interception."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

__all__ = ["upgrade"]

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them; each user so far becomes an account, and the gateway's own one an admin."""
    _make_accounts()
    _extend_tokens()
    _extend_interceptions()
    with op.batch_alter_table("token_usage") as batch:
        batch.add_column(
            sa.Column("cache_write", sa.BigInteger, nullable=False, server_default="0")
        )
    with op.batch_alter_table("tool_usage") as batch:
        batch.add_column(sa.Column("server_url", sa.Text))
        batch.add_column(
            sa.Column("injected", sa.Boolean, nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("invocation_error", sa.Text))
    op.create_index("tool_usage_by_call", "tool_usage", ["tool_call_id"])
    op.create_table(
        "gateway",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )


def _make_accounts() -> None:
    account = op.create_table(
        "account",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("username", sa.Text, nullable=False, unique=True),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "user_group",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.String(36), sa.ForeignKey("user_group.id"), primary_key=True),
        sa.Column("account_id", sa.String(36), sa.ForeignKey("account.id"), primary_key=True),
    )
    old = sa.table("token", sa.column("user"), sa.column("created_at"))
    query = sa.select(old.c.user, sa.func.min(old.c.created_at)).group_by(old.c.user)
    rows = [
        {"id": str(uuid.uuid4()), "username": user, "admin": user == "local", "created_at": made}
        for user, made in op.get_bind().execute(query).all()
    ]
    if rows:
        op.bulk_insert(account, rows)


def _extend_tokens() -> None:
    with op.batch_alter_table("token") as batch:
        batch.add_column(sa.Column("account_id", sa.String(36)))
        batch.add_column(sa.Column("name", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("hint", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("expires_at", sa.BigInteger))
        batch.add_column(sa.Column("revoked_at", sa.BigInteger))
        batch.add_column(sa.Column("last_used_at", sa.BigInteger))
    names = ("user", "account_id", "created_at", "revoked", "revoked_at")
    token = sa.table("token", *(sa.column(name) for name in names))
    account = sa.table("account", sa.column("id"), sa.column("username"))
    of_user = sa.select(account.c.id).where(account.c.username == token.c.user).scalar_subquery()
    op.execute(sa.update(token).values(account_id=of_user))
    revoked = sa.update(token).where(token.c.revoked.is_(sa.true()))
    op.execute(revoked.values(revoked_at=token.c.created_at))
    with op.batch_alter_table("token") as batch:
        batch.alter_column("account_id", existing_type=sa.String(36), nullable=False)
        batch.create_foreign_key("token_account_id_fkey", "account", ["account_id"], ["id"])
        batch.drop_column("user")
        batch.drop_column("revoked")
    op.create_index("ix_token_account_id", "token", ["account_id"])


def _extend_interceptions() -> None:
    with op.batch_alter_table("interception") as batch:
        batch.add_column(sa.Column("initiator_id", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("thread_parent_id", sa.String(36)))
        batch.add_column(sa.Column("thread_root_id", sa.String(36)))
        batch.add_column(sa.Column("session_id", sa.Text, nullable=False, server_default=""))
        batch.add_column(sa.Column("gateway_id", sa.String(36)))
    names = ("id", "initiator", "initiator_id", "client_session_id", "session_id")
    table = sa.table("interception", *(sa.column(name) for name in names))
    account = sa.table("account", sa.column("id"), sa.column("username"))
    of_user = (
        sa.select(account.c.id).where(account.c.username == table.c.initiator).scalar_subquery()
    )
    op.execute(
        sa.update(table).values(
            initiator_id=sa.func.coalesce(of_user, ""),
            session_id=sa.func.coalesce(table.c.client_session_id, table.c.id),
        )
    )
    for name, columns in (
        ("interception_by_session", ["session_id", "started_at"]),
        ("interception_by_tool_call", ["correlating_tool_call_id"]),
        ("interception_by_root", ["thread_root_id"]),
    ):
        op.create_index(name, "interception", columns)
    running = sa.text("outcome = 'running'")
    op.create_index(
        "interception_running",
        "interception",
        ["gateway_id"],
        sqlite_where=running,
        postgresql_where=running,
    )
