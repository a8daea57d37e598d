"""Rows in; those whose key is new are in the table, whoever else writes the same ones at once.

Of two transactions with one key the second waits for the first; neither fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Dialect, Table

__all__ = ["insert_new"]


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows` into `table`, other than those that clash with one that is there."""
    connection.execute(_insertion(connection.dialect, table), rows)


def _insertion(dialect: Dialect, table: Table) -> Any:  # noqa: ANN401 - each engine has its own
    # Only the engine in use: to name another one here would import all of its drivers.
    engine = import_module(f"sqlalchemy.dialects.{dialect.name}")
    return engine.insert(table).on_conflict_do_nothing()
