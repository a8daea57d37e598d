"""Rows in; those whose key is new are in the table, whoever else writes the same ones at once.

Of two transactions with one key the second waits for the first; neither fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table

__all__ = ["insert_new", "insert_rows"]


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows` into `table`, other than those that clash with one that is there."""
    connection.execute(_insertion(connection.dialect, table), rows)


def insert_rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Do the same with `rows` of the columns `names`, as the driver takes them.

    Looking at each value once more costs SQLAlchemy as much as all else that is done for a record.
    """
    if rows:
        statement, ordered = _compiled(connection.dialect, table, names)
        connection.exec_driver_sql(statement, [ordered(row) for row in rows])


def _insertion(dialect: Dialect, table: Table) -> Any:  # noqa: ANN401 - each engine has its own
    # Only the engine in use: to name another one here would import all of its drivers.
    engine = import_module(f"sqlalchemy.dialects.{dialect.name}")
    return engine.insert(table).on_conflict_do_nothing()


@lru_cache(maxsize=32)
def _compiled(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[str, Callable[[tuple[object, ...]], tuple[object, ...]]]:
    """Return the statement, and what brings a row into the order of its parameters."""
    columns = [column.name for column in table.columns if column.name in names]
    # Nothing is asked back: the numbers of the new rows are of no use.
    insertion = _insertion(dialect, table).inline()
    compiled = insertion.compile(dialect=dialect, column_keys=columns)
    return str(compiled), itemgetter(*(names.index(name) for name in compiled.positiontup))
