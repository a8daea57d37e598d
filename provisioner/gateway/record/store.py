"""Records in and out of the database of a state directory.

A gateway writes batches through `write_records`; everyone else reads with `read_interceptions`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from provisioner.errors import InputError
from provisioner.gateway.record import schema
from provisioner.gateway.record.database import DATABASE_NAME, open_read_only
from provisioner.gateway.record.model import (
    InterceptionEnd,
    InterceptionRecord,
    InterceptionStart,
    ModelThought,
    Outcome,
    PromptUsage,
    Record,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.queue import UnwritableError

__all__ = ["read_interceptions", "write_records"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Field of a record → its table and the type of its entries.
_PARTS: Mapping[str, tuple[Table, type[Any]]] = {
    "token_usage": (schema.token_usage, TokenUsage),
    "prompts": (schema.prompt_usage, PromptUsage),
    "tools": (schema.tool_usage, ToolUsage),
    "thoughts": (schema.model_thought, ModelThought),
}
# What SQLite says of a state that may pass; anything else is a defect that waiting cannot mend.
_PASSING = ("locked", "busy", "full", "disk I/O error", "unable to open")
_END_COLUMNS = ("ended_at", "outcome", "status", "error")


def write_records(engine: Engine, records: Sequence[Record]) -> None:
    """Store `records` in one transaction; they survive a kill once this returns.

    Raises `UnwritableError` when the database is locked or full and a later try may succeed.
    """
    starts = [record for record in records if isinstance(record, InterceptionStart)]
    ends = [record for record in records if isinstance(record, InterceptionEnd)]
    try:
        with engine.begin() as connection:
            if starts:
                connection.execute(insert(schema.interception), [_start_row(s) for s in starts])
            if ends:
                _write_ends(connection, ends)
    except OperationalError as error:
        reason = str(error.orig)
        if any(word in reason for word in _PASSING):
            raise UnwritableError(reason) from error
        raise


def read_interceptions(state: Path, limit: int | None = None) -> tuple[InterceptionRecord, ...]:
    """Return what the gateway in `state` recorded, newest first, at most `limit` of them.

    Reading neither waits for a running gateway nor disturbs it. Raises `InputError` when there is
    no readable database in `state`.
    """
    engine = open_read_only(state)
    table = schema.interception
    newest = table.c.started_at.desc(), table.c.id.desc()
    try:
        with engine.connect() as connection:
            # One snapshot for all queries: a gateway may add records between them.
            connection.exec_driver_sql("BEGIN")
            rows = connection.execute(select(table).order_by(*newest).limit(limit)).mappings().all()
            ids = select(table.c.id).order_by(*newest).limit(limit)
            parts = {name: _read_part(connection, name, ids) for name in _PARTS}
    except DBAPIError as error:
        raise InputError(f'cannot read "{state / DATABASE_NAME}": {error.orig}') from error
    finally:
        engine.dispose()
    return tuple(_record(row, parts) for row in rows)


def _start_row(start: InterceptionStart) -> dict[str, object]:
    return {**_row(_fields(start)), "outcome": Outcome.RUNNING.value, "error": ""}


def _write_ends(connection: Connection, ends: Sequence[InterceptionEnd]) -> None:
    table = schema.interception
    statement = (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in _END_COLUMNS})
    )
    rows = [
        {
            "of_id": end.id,
            **_row({f"new_{name}": getattr(end, name) for name in _END_COLUMNS}),
        }
        for end in ends
    ]
    connection.execute(statement, rows)
    for name, (part_table, _) in _PARTS.items():
        part_rows = [
            {"interception_id": end.id, **_row(_fields(entry))}
            for end in ends
            for entry in getattr(end, name)
        ]
        if part_rows:
            connection.execute(insert(part_table), part_rows)


def _fields(record: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    return {entry.name: getattr(record, entry.name) for entry in fields(record)}


def _row(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: object) -> object:
    """Return `value` as every database can hold it.

    Headers and JSON may carry lone surrogates, which are not UTF-8, and NUL, which PostgreSQL
    refuses: one such record must not stop all that come after it.
    """
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value


def _read_part(
    connection: Connection, name: str, ids: Select[tuple[str]]
) -> Mapping[str, list[object]]:
    table, kind = _PARTS[name]
    names = [entry.name for entry in fields(kind)]
    query = select(table).where(table.c.interception_id.in_(ids)).order_by(table.c.id)
    found: defaultdict[str, list[object]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["interception_id"]].append(kind(**_values(row, names)))
    return found


def _record(row: RowMapping, parts: Mapping[str, Mapping[str, list[object]]]) -> InterceptionRecord:
    names = [column.name for column in schema.interception.columns]
    values = _values(row, names) | {"outcome": Outcome(row["outcome"])}
    for name, found in parts.items():
        values[name] = tuple(found.get(row["id"], ()))
    return InterceptionRecord(**values)


def _values(row: RowMapping, names: Iterable[str]) -> dict[str, Any]:
    return {
        name: _EPOCH + row[name] * _MICROSECOND
        if name.endswith("_at") and row[name] is not None
        else row[name]
        for name in names
    }
