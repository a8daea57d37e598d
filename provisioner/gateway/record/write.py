"""Batches of records into a database, in one transaction each.

A batch may come twice, as when the connection was lost while it was committed: what is there
already stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from provisioner.gateway.record import schema
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.insert_new import insert_new
from provisioner.gateway.record.model import InterceptionEnd, InterceptionStart, Outcome, Record
from provisioner.gateway.record.stored import indexable, stored_row
from provisioner.gateway.record.threads import link

__all__ = ["PART_TABLES", "write_records"]

# Field of a record → its table.
PART_TABLES: Mapping[str, Table] = {
    "token_usage": schema.token_usage,
    "prompts": schema.prompt_usage,
    "tools": schema.tool_usage,
    "thoughts": schema.model_thought,
}
_END_COLUMNS = ("ended_at", "outcome", "status", "error")
# An end that comes after others have given the interception up is still the truth.
_OPEN = (Outcome.RUNNING.value, Outcome.INTERRUPTED.value)


def write_records(database: Database, gateway_id: str, records: Sequence[Record]) -> None:
    """Store `records` of the gateway `gateway_id`; they survive a kill once this returns.

    Raises `DatabaseAwayError` when a later try may succeed.
    """
    starts = [record for record in records if isinstance(record, InterceptionStart)]
    ends = [record for record in records if isinstance(record, InterceptionEnd)]

    def work(connection: Connection) -> None:
        if starts:
            _write_starts(connection, gateway_id, starts)
        if ends:
            _write_ends(connection, ends)
        calls = (indexable(tool.tool_call_id) for end in ends for tool in end.tools)
        link(connection, starts, [call for call in calls if call])

    database.write(work)


def _write_starts(
    connection: Connection, gateway_id: str, starts: Sequence[InterceptionStart]
) -> None:
    rows = [
        {
            **stored_row(_fields(start)),
            "session_id": indexable(start.client_session_id) or start.id,
            "gateway_id": gateway_id,
            "outcome": Outcome.RUNNING.value,
            "error": "",
        }
        for start in starts
    ]
    # Whoever uses one engine need not wait for the import of the other.
    insert_new(connection, schema.interception, rows)


def _write_ends(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    table = schema.interception
    ids = [end.id for end in ends]
    running = select(table.c.id).where(table.c.id.in_(ids), table.c.outcome.in_(_OPEN))
    open_ids = set(connection.execute(running).scalars())
    ends = [end for end in ends if end.id in open_ids]
    if not ends:
        return
    statement = (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in _END_COLUMNS})
    )
    rows = [
        {
            "of_id": end.id,
            **stored_row({f"new_{name}": getattr(end, name) for name in _END_COLUMNS}),
        }
        for end in ends
    ]
    connection.execute(statement, rows)
    _write_who_answered(connection, [end for end in ends if end.provider])
    for name, part_table in PART_TABLES.items():
        part_rows = [
            {"interception_id": end.id, **stored_row(_fields(entry))}
            for end in ends
            for entry in getattr(end, name)
        ]
        if part_rows:
            connection.execute(insert(part_table), part_rows)


def _write_who_answered(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    """Set right what was written at the start, where another provider answered in the end."""
    table = schema.interception
    for end in ends:
        told = stored_row({"provider": end.provider, "model": end.model})
        connection.execute(update(table).where(table.c.id == end.id).values(told))


def _fields(record: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    return {entry.name: getattr(record, entry.name) for entry in fields(record)}
