"""Batches of records into a database, in one transaction each.

A batch may come twice, as when the connection was lost while it was committed: what is there
already stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace

from sqlalchemy import Connection, Table, bindparam, select, update

from provisioner.gateway.record import schema
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.insert_new import insert_rows
from provisioner.gateway.record.model import (
    InterceptionEnd,
    InterceptionStart,
    ModelThought,
    Outcome,
    PromptUsage,
    Record,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.stored import Stored, indexable, storable
from provisioner.gateway.record.threads import link

__all__ = ["PART_TABLES", "write_records"]

# Field of a record → its table.
PART_TABLES: Mapping[str, Table] = {
    "token_usage": schema.token_usage,
    "prompts": schema.prompt_usage,
    "tools": schema.tool_usage,
    "thoughts": schema.model_thought,
}
_PARTS = {
    name: Stored(entry.name for entry in fields(kind))
    for name, kind in (
        ("token_usage", TokenUsage),
        ("prompts", PromptUsage),
        ("tools", ToolUsage),
        ("thoughts", ModelThought),
    )
}
_START = Stored(entry.name for entry in fields(InterceptionStart))
_END = Stored(("ended_at", "outcome", "status", "error"))
_NO_END = (None, Outcome.RUNNING.value, None, "")
_STARTED = (*_START.names, "session_id", "gateway_id", *_END.names)
# An end that comes after others have given the interception up is still the truth.
_OPEN = (Outcome.RUNNING.value, Outcome.INTERRUPTED.value)


def write_records(database: Database, gateway_id: str, records: Sequence[Record]) -> None:
    """Store `records` of the gateway `gateway_id`; they survive a kill once this returns.

    Raises `DatabaseAwayError` when a later try may succeed.
    """
    starts = [record for record in records if isinstance(record, InterceptionStart)]
    ends = {record.id: record for record in records if isinstance(record, InterceptionEnd)}

    def work(connection: Connection) -> None:
        ended = _ids_among(connection, ends)
        # Most are short: what began in this batch and ended too is written once.
        whole = {
            start.id: end for start in starts if (end := ends.get(start.id)) and end.id not in ended
        }
        _write_starts(connection, gateway_id, starts, whole)
        late = [end for end in ends.values() if ended.get(end.id) in _OPEN]
        _write_ends(connection, late)
        _write_parts(connection, [*whole.values(), *late])
        calls = (indexable(tool.tool_call_id) for end in ends.values() for tool in end.tools)
        link(connection, starts, [call for call in calls if call])

    database.write(work)


def _ids_among(connection: Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Return those of `ids` that are stored, each with its outcome."""
    table = schema.interception
    query = select(table.c.id, table.c.outcome).where(table.c.id.in_(ids))
    return {row.id: row.outcome for row in connection.execute(query)} if ids else {}


def _write_starts(
    connection: Connection,
    gateway_id: str,
    starts: Sequence[InterceptionStart],
    whole: Mapping[str, InterceptionEnd],
) -> None:
    rows = []
    for start in starts:
        end = whole.get(start.id)
        began = start if end is None else _as_answered(start, end)
        session_id = indexable(start.client_session_id) or start.id
        ending = _NO_END if end is None else _END.row(end)
        rows.append((*_START.row(began), session_id, gateway_id, *ending))
    insert_rows(connection, schema.interception, _STARTED, rows)


def _as_answered(start: InterceptionStart, end: InterceptionEnd) -> InterceptionStart:
    if not end.provider:
        return start
    hint = end.credential_hint
    return replace(start, provider=end.provider, model=end.model, credential_hint=hint)


def _write_ends(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    table = schema.interception
    statement = (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in _END.names})
    )
    names = ("of_id", *(f"new_{name}" for name in _END.names))
    rows = [dict(zip(names, (end.id, *_END.row(end)), strict=True)) for end in ends]
    if rows:
        connection.execute(statement, rows)
    _write_who_answered(connection, [end for end in ends if end.provider])


def _write_who_answered(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    """Set right what was written at the start, where another provider or key answered."""
    table = schema.interception
    for end in ends:
        names = ("provider", "model", "credential_hint")
        told = {name: storable(getattr(end, name)) for name in names}
        connection.execute(update(table).where(table.c.id == end.id).values(told))


def _write_parts(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    for name, stored in _PARTS.items():
        rows = [(end.id, *stored.row(entry)) for end in ends for entry in getattr(end, name)]
        insert_rows(connection, PART_TABLES[name], ("interception_id", *stored.names), rows)
