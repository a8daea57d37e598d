"""A state directory in, its SQLite database out: the gateway's own, or only for reading."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record.away import DatabaseAwayError, away_reason
from provisioner.private_folder import make_private_folder

__all__ = ["DATABASE_NAME", "SqliteDatabase"]

Result = TypeVar("Result")

DATABASE_NAME = "gateway.sqlite3"
"""The database file inside a state directory."""

_BUSY_SECONDS = 5
_THREADS = 4


class SqliteDatabase:
    """The database in one state directory; any number of processes may use it."""

    def __init__(self, engine: Engine, name: str) -> None:
        """Use `engine` from now on; `create` and `open_read_only` make one."""
        self.name = name
        self._engine = engine
        # SQLite lets one connection write: it says so at the start, or two that have read would
        # wait for each other.
        self._writing = engine.execution_options(gateway_begin="BEGIN IMMEDIATE")
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gateway-database")
        event.listen(engine, "begin", _begin)

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
        # As parts and not as text: a path may hold what a URL gives a meaning to.
        url = URL.create("sqlite", database=str(path))
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _tune)
        return cls(engine, str(path))

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
        uri = f"{path.absolute().as_uri()}?mode=ro"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(
                uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )

        return cls(create_engine("sqlite://", creator=connect, poolclass=NullPool), str(path))

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` reads, from one snapshot."""
        return _run(self._engine, work)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` says; what it writes survives a kill once this returns."""
        return _run(self._writing, work)

    async def read_async(self, work: Callable[[Connection], Result]) -> Result:
        """Read in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(self.read, work))

    async def write_async(self, work: Callable[[Connection], Result]) -> Result:
        """Write in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(self.write, work))

    def close(self) -> None:
        """Let go of all connections."""
        self._threads.shutdown()
        self._engine.dispose()


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
    connection.exec_driver_sql(connection.get_execution_options().get("gateway_begin", "BEGIN"))


def _tune(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # Transactions begin where SQLAlchemy begins them, not where the driver thinks.
    connection.isolation_level = None
    # With a write-ahead log, NORMAL keeps every commit across a kill of the process (only a power
    # cut can take the last ones back) and readers never wait for the writer.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
