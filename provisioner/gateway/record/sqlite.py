"""A state directory in, its SQLite database out: the gateway's own, or only for reading."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record.away import DatabaseAwayError, away_reason
from provisioner.gateway.record.database import NotAtOnceError
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.sqlite_connection import (
    committed,
    connected,
    in_transaction,
    use_log,
)
from provisioner.private_folder import make_private_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["DATABASE_NAME", "SqliteDatabase"]

Result = TypeVar("Result")

DATABASE_NAME = "gateway.sqlite3"
"""The database file inside a state directory."""

_BUSY_SECONDS = 5.0
_THREADS = 4
# A disk that once took longer than that is left to threads for a while.
_AT_ONCE_SECONDS = 0.1
_SLOW_FOR_SECONDS = 30.0
# The write-ahead log is emptied by a thread once it is longer than that; asked so often.
_LONGEST_LOG = 16 * 1024 * 1024
_BETWEEN_LOOKS = 256
_BETWEEN_TRIES_SECONDS = 1.0
_PATIENCE_MILLISECONDS = 100


class SqliteDatabase:
    """The database in one state directory; any number of processes may use it."""

    def __init__(
        self, connect: Callable[[float], sqlite3.Connection], name: str, keep: int
    ) -> None:
        """Use what `connect` opens from now on, and keep at most so many open meanwhile.

        `create` and `open_read_only` make one. What is opened waits so many seconds for others.
        """
        self.name = name
        self._connect = connect
        self._keep = keep
        self._idle: list[sqlite3.Connection] = []
        self._own: sqlite3.Connection | None = None
        self._slow_until = 0.0
        self._written = 0
        self._has_long_log = False
        self._next_try = 0.0
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

        def connect(seconds: float) -> sqlite3.Connection:
            connection = connected(str(path), seconds)
            # With a write-ahead log, NORMAL keeps every commit across a kill of the process (only
            # a power cut can take the last ones back) and readers never wait for the writer.
            use_log(connection, seconds)
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
        return cls(lambda seconds: connected(place, seconds, uri=True), str(path), 0)

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

    def write_at_once(self, work: Callable[[Plain], Result]) -> Result:
        """Write without a thread, whose turns cost more than a small transaction.

        The write-ahead log is appended to, nothing is waited for. Raises `NotAtOnceError` while
        somebody else writes, and for a while where it took long.
        """
        began = time.monotonic()
        if began < self._slow_until or self._has_long_log:
            raise NotAtOnceError
        try:
            return self._written_at_once(work)
        finally:
            if time.monotonic() - began > _AT_ONCE_SECONDS:
                self._slow_until = began + _SLOW_FOR_SECONDS

    def _written_at_once(self, work: Callable[[Plain], Result]) -> Result:
        try:
            connection = self._own = self._own or self._opened_at_once()
            connection.execute(_WRITE)
        except sqlite3.OperationalError as error:
            raise NotAtOnceError from error
        try:
            result = committed(connection, work)
        except Exception as error:
            _raise_away(error)
            raise
        self._written += 1
        if self._written % _BETWEEN_LOOKS == 0:
            self._look_at_log()
        return result

    def _opened_at_once(self) -> sqlite3.Connection:
        connection = self._connect(0.0)
        # To bring what is in the log into the file does wait for the disk; threads do it.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection

    def close(self) -> None:
        """Let go of all connections."""
        self._threads.shutdown()
        self._keep = 0
        if self._own is not None:
            self._own.close()
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
                result = in_transaction(connection, begin, work)
                if self._has_long_log and begin == _WRITE:
                    self._empty_log(connection)
            finally:
                if len(self._idle) < self._keep and not connection.in_transaction:
                    self._idle.append(connection)
                else:
                    connection.close()
        except Exception as error:
            _raise_away(error)
            raise
        return result

    def _empty_log(self, connection: sqlite3.Connection) -> None:
        """Bring all that is in the log into the file, unless somebody reads or writes for long.

        Nothing is appended on the event loop meanwhile.
        """
        now = time.monotonic()
        if now < self._next_try:
            return
        self._next_try = now + _BETWEEN_TRIES_SECONDS
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MILLISECONDS}")
        # What was written is written, whatever becomes of this.
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        self._look_at_log()

    def _look_at_log(self) -> None:
        try:
            size = Path(f"{self.name}-wal").stat().st_size
        except OSError:
            size = 0
        self._has_long_log = size > _LONGEST_LOG

    def _idle_or_new(self) -> sqlite3.Connection:
        # Another thread may take the last one just now.
        with suppress(IndexError):
            return self._idle.pop()
        return self._connect(_BUSY_SECONDS)

    def _sqlalchemy(self) -> Engine:
        """Return the same database for SQLAlchemy, which is imported when it is needed first."""
        with self._making:
            if self._engine is None:
                self._engine = _engine(partial(self._connect, _BUSY_SECONDS), keeps=self._keep > 0)
            return self._engine


_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"


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
        _raise_away(error)
        raise


def _raise_away(error: Exception) -> None:
    """Raise `DatabaseAwayError` for an `error` that may pass."""
    reason = away_reason(error)
    if reason is not None:
        raise DatabaseAwayError(reason) from error


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("gateway_begin", _READ))
