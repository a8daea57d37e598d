"""A state directory in, its SQLite database out: the gateway's own, or only for reading."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record.away import DatabaseAwayError, away_reason
from provisioner.gateway.record.plain import Plain
from provisioner.private_folder import make_private_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["DATABASE_NAME", "SqliteDatabase"]

Result = TypeVar("Result")

DATABASE_NAME = "gateway.sqlite3"
"""The database file inside a state directory."""

_BUSY_SECONDS = 5
_THREADS = 4
_STATEMENTS = 256


class SqliteDatabase:
    """The database in one state directory; any number of processes may use it."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], name: str, keep: int) -> None:
        """Use what `connect` opens from now on, and keep at most so many open meanwhile.

        `create` and `open_read_only` make one.
        """
        self.name = name
        self._connect = connect
        self._keep = keep
        self._idle: list[sqlite3.Connection] = []
        self._engine: Engine | None = None
        self._making = Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gateway-database")

    @classmethod
    def create(cls, state: Path) -> SqliteDatabase:
        """Return the database in `state`, made with owner-only access when missing.

        Raises `OutputError` when the directory or the file cannot be used.
        """
        path = state / DATABASE_NAME
        try:
            make_private_folder(state)
            # Made before SQLite does it, which would leave it readable to others.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            reason = error.strerror
            raise OutputError(f'cannot write to state directory "{state}": {reason}') from error

        def connect() -> sqlite3.Connection:
            connection = _connected(str(path))
            # With a write-ahead log, NORMAL keeps every commit across a kill of the process (only
            # a power cut can take the last ones back) and readers never wait for the writer.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            return connection

        return cls(connect, str(path), _THREADS)

    @classmethod
    def open_read_only(cls, state: Path) -> SqliteDatabase:
        """Return the database in `state` for reading, also while a gateway writes it.

        Raises `InputError` when there is none.
        """
        path = state / DATABASE_NAME
        if not path.is_file():
            raise InputError(
                f'no gateway state in "{state}"; start a gateway with: '
                f"provisioner gateway serve --state {state}"
            )
        place = f"{path.absolute().as_uri()}?mode=ro"
        return cls(partial(_connected, place, uri=True), str(path), 0)

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` reads, from one snapshot."""
        return _run(self._sqlalchemy(), work)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` says; what it writes survives a kill once this returns."""
        # SQLite lets one connection write: it says so at the start, or two that have read would
        # wait for each other.
        return _run(self._sqlalchemy().execution_options(gateway_begin=_WRITE), work)

    async def read_async(self, work: Callable[[Connection], Result]) -> Result:
        """Read in a thread."""
        return await self._in_thread(partial(self.read, work))

    async def write_async(self, work: Callable[[Connection], Result]) -> Result:
        """Write in a thread."""
        return await self._in_thread(partial(self.write, work))

    def write_plain(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write` does, with SQL as text."""
        return self._run_plain(_WRITE, work)

    async def read_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Read in a thread, with SQL as text."""
        return await self._in_thread(partial(self._run_plain, _READ, work))

    async def write_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Write in a thread, with SQL as text."""
        return await self._in_thread(partial(self._run_plain, _WRITE, work))

    def close(self) -> None:
        """Let go of all connections."""
        self._threads.shutdown()
        self._keep = 0
        while self._idle:
            self._idle.pop().close()
        if self._engine is not None:
            self._engine.dispose()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _run_plain(self, begin: str, work: Callable[[Plain], Result]) -> Result:
        try:
            connection = self._idle_or_new()
            try:
                result = _in_transaction(connection, begin, work)
            finally:
                if len(self._idle) < self._keep:
                    self._idle.append(connection)
                else:
                    connection.close()
        except Exception as error:
            reason = away_reason(error)
            if reason is None:
                raise
            raise DatabaseAwayError(reason) from error
        return result

    def _idle_or_new(self) -> sqlite3.Connection:
        # Another thread may take the last one just now.
        with suppress(IndexError):
            return self._idle.pop()
        return self._connect()

    def _sqlalchemy(self) -> Engine:
        """Return the same database for SQLAlchemy, which is imported when it is needed first."""
        with self._making:
            if self._engine is None:
                self._engine = _engine(self._connect, keeps=self._keep > 0)
            return self._engine


_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"


def _connected(place: str, *, uri: bool = False) -> sqlite3.Connection:
    """Return a connection that begins transactions only where it is told to."""
    return sqlite3.connect(
        place,
        uri=uri,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )


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


def _in_transaction(
    connection: sqlite3.Connection, begin: str, work: Callable[[Plain], Result]
) -> Result:
    connection.execute(begin)
    try:
        result = work(_Cursor(connection))
        connection.execute("COMMIT")
    except BaseException:
        # A disk that is full ends the transaction by itself.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return result


def _engine(connect: Callable[[], sqlite3.Connection], *, keeps: bool) -> Engine:
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - not every start needs it
    from sqlalchemy.pool import NullPool, QueuePool  # noqa: PLC0415

    pool = QueuePool if keeps else NullPool
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)
    event.listen(engine, "begin", _begin)
    return engine


def _run(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    try:
        with engine.begin() as connection:
            return work(connection)
    except Exception as error:
        reason = away_reason(error)
        if reason is None:
            raise
        raise DatabaseAwayError(reason) from error


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("gateway_begin", _READ))
