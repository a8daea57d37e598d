"""The tables of the gateway's database: the same for every engine.

Times are whole microseconds since 1970 in UTC: they sort, index and compare alike everywhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

__all__ = [
    "interception",
    "metadata",
    "model_thought",
    "prompt_usage",
    "token",
    "token_usage",
    "tool_usage",
]

metadata = MetaData()

# SQLite numbers rows by itself only in a column of type INTEGER.
_ROW_ID: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

token = Table(
    "token",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
)

interception = Table(
    "interception",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("initiator", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_type", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("client", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("client_session_id", Text),
    Column("correlating_tool_call_id", Text),
    Column("credential_kind", Text, nullable=False),
    Column("credential_hint", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Index("interception_by_start", "started_at", "id"),
)


def _of_interception(name: str, *columns: Column[object]) -> Table:
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
    Column("args_json", Text, nullable=False),
)

model_thought = _of_interception(
    "model_thought",
    Column("content", Text, nullable=False),
    Column("source", Text, nullable=False),
)
