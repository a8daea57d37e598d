"""Recorded interceptions with all that belongs to them, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import fields
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, or_, select
from sqlalchemy.exc import DBAPIError

from provisioner.errors import InputError
from provisioner.gateway.record import schema
from provisioner.gateway.record.away import DatabaseAwayError, in_words
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.migrate import check_tables
from provisioner.gateway.record.model import (
    InterceptionRecord,
    ModelThought,
    Outcome,
    PromptUsage,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.sqlite import SqliteDatabase
from provisioner.gateway.record.stored import microseconds, values_of
from provisioner.gateway.record.write import PART_TABLES

__all__ = ["all_interceptions", "interceptions_where", "read_interceptions"]

# Field of a record → the type of its entries.
_PARTS: Mapping[str, type[Any]] = {
    "token_usage": TokenUsage,
    "prompts": PromptUsage,
    "tools": ToolUsage,
    "thoughts": ModelThought,
}
_NAMES = tuple(entry.name for entry in fields(InterceptionRecord) if entry.name not in _PARTS)
_PAGE = 500


def read_interceptions(state: Path, limit: int | None = None) -> tuple[InterceptionRecord, ...]:
    """Return what the gateway in `state` recorded, newest first, at most `limit` of them.

    Reading neither waits for a running gateway nor disturbs it. Raises `InputError` when there is
    no readable database in `state`.
    """
    database = SqliteDatabase.open_read_only(state)
    try:
        check_tables(database)
        return database.read(lambda connection: interceptions_where(connection, limit=limit))
    except (DBAPIError, DatabaseAwayError) as error:
        raise InputError(f'cannot read "{database.name}": {in_words(error)}') from error
    finally:
        database.close()


def all_interceptions(
    database: Database, *conditions: ColumnElement[bool]
) -> Iterator[InterceptionRecord]:
    """Yield what fits, newest first; a page at a time, so that no size is too large."""
    table = schema.interception
    after: tuple[ColumnElement[bool], ...] = ()
    while True:
        page = database.read(
            lambda connection, after=after: interceptions_where(  # type: ignore[misc]
                connection, *conditions, *after, limit=_PAGE
            )
        )
        yield from page
        if len(page) < _PAGE:
            return
        last = microseconds(page[-1].started_at)
        same_moment = and_(table.c.started_at == last, table.c.id < page[-1].id)
        after = (or_(table.c.started_at < last, same_moment),)


def interceptions_where(
    connection: Connection,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    offset: int = 0,
) -> tuple[InterceptionRecord, ...]:
    """Return the interceptions that fit all `conditions`, newest first, at most `limit`."""
    table = schema.interception
    newest = table.c.started_at.desc(), table.c.id.desc()
    chosen = select(table).where(*conditions).order_by(*newest).limit(limit).offset(offset)
    rows = connection.execute(chosen).mappings().all()
    ids = select(table.c.id).where(*conditions).order_by(*newest).limit(limit).offset(offset)
    parts = {name: _part(connection, name, ids) for name in _PARTS} if rows else {}
    return tuple(_record(row, parts) for row in rows)


def _part(
    connection: Connection, name: str, ids: Select[tuple[str]]
) -> Mapping[str, Sequence[object]]:
    table, kind = schema.metadata.tables[PART_TABLES[name]], _PARTS[name]
    names = [entry.name for entry in fields(kind)]
    query = select(table).where(table.c.interception_id.in_(ids)).order_by(table.c.id)
    found: defaultdict[str, list[object]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["interception_id"]].append(kind(**values_of(row, names)))
    return found


def _record(
    row: RowMapping, parts: Mapping[str, Mapping[str, Sequence[object]]]
) -> InterceptionRecord:
    values = values_of(row, _NAMES) | {"outcome": Outcome(row["outcome"])}
    for name, found in parts.items():
        values[name] = tuple(found.get(row["id"], ()))
    return InterceptionRecord(**values)
