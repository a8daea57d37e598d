"""Rows in; those whose key is new are in the table, whoever else writes the same ones at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

from sqlalchemy import Connection, Table

__all__ = ["insert_new"]


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert `rows` into `table`, other than those that clash with one that is there.

    Of two transactions with one key the second waits for the first; neither fails.
    """
    # Only the engine in use: to name another one here would import all of its drivers.
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)
