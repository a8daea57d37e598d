"""A database in; its tables made or brought to what this release reads and writes.

A new database gets the tables as they are now; one of an earlier release goes through the changes
since then with Alembic. A contract test keeps both ways equal.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, table, text
from sqlalchemy import column as named_column

from provisioner.errors import InputError, OutputError, ProvisionerError
from provisioner.gateway.record.away import in_words
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.schema import create_tables
from provisioner.gateway.record.turn import take_turn

__all__ = ["HEAD", "check_tables", "make_tables"]

HEAD = "0009"
"""The last change, as the files in `migrations/versions` number them."""

_FIRST = "0001"
_MIGRATIONS = Path(__file__).parent / "migrations"
_version = table("alembic_version", named_column("version_num"))


def make_tables(database: Database) -> None:
    """Make or change the tables of `database`, all or nothing.

    Raises `OutputError` when that cannot be done.
    """
    try:
        database.write(_make)
    except ProvisionerError:
        raise
    except Exception as error:  # drivers have no common class for what they raise
        raise OutputError(f'cannot use "{database.name}": {in_words(error)}') from error


def check_tables(database: Database) -> None:
    """Raise `InputError` unless the tables are those that this release reads."""
    try:
        found = database.read(_found)
    except Exception as error:
        raise InputError(f'cannot read "{database.name}": {in_words(error)}') from error
    if found != HEAD:
        raise InputError(
            f'"{database.name}" is as another release left it; '
            "start the gateway of this release once to bring it up to date"
        )


def _make(connection: Connection) -> None:
    take_turn(connection)
    found = _found(connection)
    if found is None:
        create_tables(connection)
        _stamp(connection, HEAD)
    elif found < HEAD:
        if not _is_numbered(connection):
            _stamp(connection, found)
        _migrate(connection, HEAD)
    elif found > HEAD:
        raise OutputError("the database belongs to a newer release; use that one")


def _found(connection: Connection) -> str | None:
    """Return the last change that was made, None for a database without tables."""
    if _is_numbered(connection):
        return str(connection.execute(select(_version.c.version_num)).scalar_one())
    # The first release made its tables without a number.
    return _FIRST if inspect(connection).has_table("interception") else None


def _is_numbered(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")


def _stamp(connection: Connection, number: str) -> None:
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(insert(_version).values(version_num=number))


def _migrate(connection: Connection, number: str) -> None:
    """Make the changes up to `number`."""
    # Importing it costs more than all else at the start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, number)
