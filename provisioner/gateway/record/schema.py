"""The tables of the gateway's database: the same for every engine.

Times are whole microseconds since 1970 in UTC: they sort, index and compare alike everywhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

from provisioner.gateway.record.schema_metadata import metadata
from provisioner.gateway.record.schema_shared import (
    budget_account,
    budget_reservation,
    circuit,
    gateway,
    key_pause,
    lease,
    rate_count,
    router_ban,
)

__all__ = [
    "account",
    "ai_provider",
    "budget_account",
    "budget_reservation",
    "circuit",
    "create_tables",
    "dashboard_login",
    "gateway",
    "group_member",
    "interception",
    "key_pause",
    "lease",
    "metadata",
    "model_thought",
    "prompt_usage",
    "rate_count",
    "router_ban",
    "token",
    "token_usage",
    "tool_usage",
    "user_group",
]

# SQLite numbers rows by itself only in a column of type INTEGER.
_ROW_ID: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

user_group = Table(
    "user_group",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
)

group_member = Table(
    "group_member",
    metadata,
    Column("group_id", ForeignKey("user_group.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), primary_key=True),
)

token = Table(
    "token",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("hint", Text, nullable=False, server_default=""),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
    # What a virtual key may do, as JSON; none for a token that may do everything.
    Column("policy", Text),
    Column("disabled_at", BigInteger),
    # What it was before it was rotated, which works for a while still.
    Column("former_hash", String(64), unique=True),
    Column("former_until", BigInteger),
)

# A browser that is logged in: what is here and what it brings make the token, neither does alone.
dashboard_login = Table(
    "dashboard_login",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sealed_token", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# What an admin set up over the API, besides the configuration; its keys are JSON, sealed.
ai_provider = Table(
    "ai_provider",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("upstream", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("icon", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("api_keys", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

interception = Table(
    "interception",
    metadata,
    Column("id", String(36), primary_key=True),
    # The user as written then, and the id, which outlives a change of name.
    Column("initiator", Text, nullable=False),
    Column("initiator_id", Text, nullable=False, server_default=""),
    Column("provider", Text, nullable=False),
    Column("provider_type", Text, nullable=False),
    Column("route", Text, nullable=False, server_default=""),
    Column("model", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("client", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("client_session_id", Text),
    Column("correlating_tool_call_id", Text),
    # The interception that asked for that tool call, and the first of the whole loop.
    Column("thread_parent_id", String(36)),
    Column("thread_root_id", String(36)),
    Column("session_id", Text, nullable=False, server_default=""),
    Column("credential_kind", Text, nullable=False),
    Column("credential_hint", Text, nullable=False),
    Column("agent_firewall_session_id", String(36)),
    Column("agent_firewall_sequence_number", BigInteger),
    Column("auth_mode", Text, nullable=False, server_default=""),
    # Who will write the end, as long as it lives.
    Column("gateway_id", String(36)),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Index("interception_by_start", "started_at", "id"),
    Index("interception_by_session", "session_id", "started_at"),
    Index("interception_by_tool_call", "correlating_tool_call_id"),
    Index("interception_by_root", "thread_root_id"),
)
_running = Index("interception_running", interception.c.gateway_id)


def _of_interception(name: str, *columns: Column[object] | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        Column("interception_id", ForeignKey("interception.id"), nullable=False, index=True),
        *columns,
        Column("created_at", BigInteger, nullable=False),
    )


token_usage = _of_interception(
    "token_usage",
    Column("msg_id", Text, nullable=False),
    Column("input", BigInteger, nullable=False),
    Column("output", BigInteger, nullable=False),
    Column("cache_read", BigInteger, nullable=False),
    Column("cache_write", BigInteger, nullable=False, server_default="0"),
    Column("output_reasoning", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
)

prompt_usage = _of_interception(
    "prompt_usage",
    Column("msg_id", Text, nullable=False),
    Column("prompt", Text, nullable=False),
)

tool_usage = _of_interception(
    "tool_usage",
    Column("msg_id", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("tool_call_id", Text, nullable=False),
    Column("server_url", Text),
    Column("args_json", Text, nullable=False),
    Column("injected", Boolean, nullable=False, server_default=false()),
    Column("invocation_error", Text),
    Index("tool_usage_by_call", "tool_call_id"),
)

model_thought = _of_interception(
    "model_thought",
    Column("content", Text, nullable=False),
    Column("source", Text, nullable=False),
)


def create_tables(connection: Connection) -> None:
    """Make all tables in an empty database."""
    # Only for the engine in use: to name another one here would import all of its drivers.
    _running.dialect_kwargs[f"{connection.dialect.name}_where"] = text("outcome = 'running'")
    metadata.create_all(connection)
