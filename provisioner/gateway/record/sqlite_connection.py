"""Python's own driver for SQLite: a connection, and a transaction on one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from provisioner.gateway.record.plain import Plain

__all__ = ["committed", "connected", "in_transaction", "use_log"]

Result = TypeVar("Result")

_STATEMENTS = 256
_BETWEEN_TRIES_SECONDS = 0.01


def connected(place: str, seconds: float, *, uri: bool = False) -> sqlite3.Connection:
    """Return a connection that begins transactions only where it is told to."""
    return sqlite3.connect(
        place,
        uri=uri,
        timeout=seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )


def use_log(connection: sqlite3.Connection, seconds: float) -> None:
    """Let the database have a write-ahead log, if others let go of it within `seconds`.

    SQLite itself does not wait here for one who writes, whatever its timeout: of several that open
    a new file at once, some are refused (measured with 3.40: 10 of 1,800).
    """
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        else:
            return
        time.sleep(_BETWEEN_TRIES_SECONDS)


class _Cursor:
    """A connection of Python's own driver."""

    is_postgres = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[object] = ()) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        return self._connection.execute(statement, values).rowcount

    def run_each(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        if values:
            self._connection.executemany(statement, values)


def in_transaction(
    connection: sqlite3.Connection, begin: str, work: Callable[[Plain], Result]
) -> Result:
    """Return what `work` says in a transaction that starts with `begin`."""
    connection.execute(begin)
    return committed(connection, work)


def committed(connection: sqlite3.Connection, work: Callable[[Plain], Result]) -> Result:
    """Return what `work` says in the transaction that was begun, which is over then."""
    try:
        result = work(_Cursor(connection))
        connection.execute("COMMIT")
    except BaseException:
        # A disk that is full ends the transaction by itself.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return result
