"""A database in; its tables made or brought to what this release reads and writes.

A new database gets the tables as they are now; one of an earlier release goes through the changes
since then with Alembic. A contract test keeps both ways equal.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import InputError, OutputError, ProvisionerError
from provisioner.gateway.record.away import in_words
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.plain import Plain, plain
from provisioner.gateway.record.turn import take_turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["HEAD", "check_tables", "make_tables"]

HEAD = "0010"
"""The last change, as the files in `migrations/versions` number them."""

_FIRST = "0001"
_FOLDER = Path(__file__).parent
_MIGRATIONS = _FOLDER / "migrations"
_SQLITE_TABLES = _FOLDER / "tables.sql"


def make_tables(database: Database) -> None:
    """Make or change the tables of `database`, all or nothing.

    Raises `OutputError` when that cannot be done.
    """
    try:
        if not database.write_plain(_are_made):
            database.write(_make)
    except ProvisionerError:
        raise
    except Exception as error:  # drivers have no common class for what they raise
        raise OutputError(f'cannot use "{database.name}": {in_words(error)}') from error


def check_tables(database: Database) -> None:
    """Raise `InputError` unless the tables are those that this release reads."""
    try:
        found = database.read(lambda connection: _found(plain(connection)))
    except Exception as error:
        raise InputError(f'cannot read "{database.name}": {in_words(error)}') from error
    if found != HEAD:
        raise InputError(
            f'"{database.name}" is as another release left it; '
            "start the gateway of this release once to bring it up to date"
        )


def _are_made(connection: Plain) -> bool:
    """Say whether the tables are those of this release; a new SQLite database has them then.

    That is what almost every start finds, and it needs no SQLAlchemy, whose import costs more than
    all else at a start.
    """
    found = _found_in_turn(connection)
    if found is None and not connection.is_postgres:
        for statement in _SQLITE_TABLES.read_text(encoding="utf-8").strip().split(";\n"):
            connection.run(statement)
        _stamp(connection, HEAD)
        return True
    return found == HEAD


def _make(connection: Connection) -> None:
    """Make the tables, or change what an earlier release left."""
    known = plain(connection)
    found = _found_in_turn(known)
    if found is None:
        from provisioner.gateway.record.schema import create_tables  # noqa: PLC0415 - only PostgreSQL

        create_tables(connection)
        _stamp(known, HEAD)
    elif found < HEAD:
        if not _has_table(known, _NUMBER):
            _stamp(known, found)
        _migrate(connection, HEAD)


def _found_in_turn(connection: Plain) -> str | None:
    """Return what `_found` does while no other gateway makes tables."""
    take_turn(connection)
    found = _found(connection)
    if found is not None and found > HEAD:
        raise OutputError("the database belongs to a newer release; use that one")
    return found


def _found(connection: Plain) -> str | None:
    """Return the last change that was made, None for a database without tables."""
    if _has_table(connection, _NUMBER):
        ((number,),) = connection.rows("SELECT version_num FROM alembic_version")
        return str(number)
    # The first release made its tables without a number.
    return _FIRST if _has_table(connection, "interception") else None


_NUMBER = "alembic_version"
# What looks a name up, as `to_regclass` does, remembers what was not there: it does not see the
# tables that another gateway made while this one waited for its turn.
_IN_POSTGRES = "SELECT 1 FROM pg_class WHERE relname = ? AND pg_table_is_visible(oid)"
_IN_SQLITE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"


def _has_table(connection: Plain, name: str) -> bool:
    query = _IN_POSTGRES if connection.is_postgres else _IN_SQLITE
    return bool(connection.rows(query, [name]))


def _stamp(connection: Plain, number: str) -> None:
    connection.run(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.run("INSERT INTO alembic_version (version_num) VALUES (?)", [number])


def _migrate(connection: Connection, number: str) -> None:
    """Make the changes up to `number`."""
    from alembic import command  # noqa: PLC0415 - hardly a start needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, number)
