"""A state directory in, a database engine out: created for the gateway, or read-only."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record.schema import metadata
from provisioner.private_folder import make_private_folder

__all__ = ["DATABASE_NAME", "create_database", "open_read_only"]

DATABASE_NAME = "gateway.sqlite3"
"""The database file inside a state directory."""

_BUSY_SECONDS = 5


def create_database(state: Path) -> Engine:
    """Return an engine on the database in `state`, made with owner-only access when missing.

    Raises `OutputError` when the directory or the file cannot be used.
    """
    path = state / DATABASE_NAME
    try:
        make_private_folder(state)
        # Made before SQLite does it, which would leave it readable to others.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise OutputError(f'cannot write to state directory "{state}": {error.strerror}') from error
    # As parts and not as text: a path may hold what a URL gives a meaning to.
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _tune)
    try:
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))
    except DBAPIError as error:
        engine.dispose()
        raise OutputError(f'cannot use "{path}": {error.orig}') from error
    return engine


def open_read_only(state: Path) -> Engine:
    """Return an engine that only reads the database in `state`, also while a gateway writes it.

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
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _tune(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # With a write-ahead log, NORMAL keeps every commit across a kill of the process (only a power
    # cut can take the last ones back) and readers never wait for the writer.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
