"""Where a gateway keeps its records → the database there."""

from __future__ import annotations

from pathlib import Path

from provisioner.errors import MissingToolError
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.migrate import check_tables, make_tables
from provisioner.gateway.record.sqlite import SqliteDatabase

__all__ = ["open_database", "open_for_reading", "open_prepared"]


def open_database(state: Path, address: str | None) -> Database:
    """Return the PostgreSQL database at `address`, or without one SQLite's in `state`.

    It is made or brought up to date. Raises `OutputError` when it cannot be used, `InputError` for
    an address that is not one.
    """
    database = open_prepared(state, address)
    try:
        make_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def open_prepared(state: Path, address: str | None) -> Database:
    """Return the same database as `open_database`, whose tables are as they must be.

    Nothing is asked of it, so it may be away.
    """
    return _postgres(address) if address else SqliteDatabase.create(state)


def open_for_reading(state: Path, address: str | None) -> Database:
    """Return the same database as `open_database`, as a gateway left it.

    Raises `InputError` when there is none, or none that this release reads.
    """
    database = _postgres(address) if address else SqliteDatabase.open_read_only(state)
    try:
        check_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def _postgres(address: str) -> Database:
    try:
        from provisioner.gateway.record.postgres import (  # noqa: PLC0415 - an extra of its own
            PostgresDatabase,
            postgres_url,
        )

        return PostgresDatabase(postgres_url(address))
    except ModuleNotFoundError as error:
        raise MissingToolError(
            f"PostgreSQL needs {error.name}; "
            "install the extra with: pip install 'codex-provisioner[postgres]'"
        ) from error
