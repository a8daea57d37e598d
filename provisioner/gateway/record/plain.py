"""SQL as text, for what every request and every start needs.

SQLAlchemy says the same in better ways, and what people and commands ask for goes through it; but
importing it takes as long as all else at a start, and each statement several times what SQLite
takes. The text is the same for every engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Plain", "among", "marks", "plain"]


class Plain(Protocol):
    """A connection within a transaction; in its statements each `?` stands for a value."""

    @property
    def is_postgres(self) -> bool:
        """Whether the engine is PostgreSQL; else it is SQLite."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        """Return what `statement` finds, or gives back of what it changed."""

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run `statement` and return how many rows it changed."""

    def run_each(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        """Run `statement` with each of `values`, or not at all where there are none."""


def marks(count: int) -> str:
    """Return so many `?` for a list of values."""
    return ", ".join("?" * count)


def among(plain: Plain, texts: Iterable[str]) -> tuple[str, tuple[object, ...]]:
    """Return the condition that a column is one of `texts`, and its values.

    It reads the same for any number of them, as drivers keep what they prepared by the text.
    """
    if plain.is_postgres:
        return "= ANY(CAST(? AS text[]))", (list(texts),)
    return "IN (SELECT value FROM json_each(?))", (msgspec.json.encode(list(texts)).decode(),)


def plain(connection: Connection) -> Plain:
    """Return what takes text in the transaction of SQLAlchemy's `connection`."""
    return _OfConnection(connection)


class _OfConnection:
    def __init__(self, connection: Connection) -> None:
        self.is_postgres = connection.dialect.name == "postgresql"
        self._connection = connection

    def rows(self, statement: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        found = self._connection.exec_driver_sql(self._text(statement), tuple(values))
        return [tuple(row) for row in found]

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        return self._connection.exec_driver_sql(self._text(statement), tuple(values)).rowcount

    def run_each(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        if values:
            rows = [tuple(row) for row in values]
            self._connection.exec_driver_sql(self._text(statement), rows)

    def _text(self, statement: str) -> str:
        return _numbered(statement) if self.is_postgres else statement


@lru_cache(maxsize=512)
def _numbered(statement: str) -> str:
    """Return `statement` as PostgreSQL takes it; none of ours has a `?` of its own."""
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
