"""A new SQLite database is made from a file, which says what the tables in the code say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from provisioner.gateway.record.migrate import make_tables
from provisioner.gateway.record.schema import create_tables
from provisioner.gateway.record.sqlite import SqliteDatabase
from tests.support.command import ROOT

FILE = ROOT / "provisioner/gateway/record/tables.sql"
AGAIN = f"pytest tests/contract/{Path(__file__).name} --update-goldens"
HEAD = f"-- Generated from schema.py; to write it anew: {AGAIN}\n"
STATEMENTS = text(
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version' "
    "ORDER BY tbl_name, type DESC, name"
)


def made(connection: Connection) -> str:
    """Return the statements that SQLite keeps of its tables and indexes, without odd spaces."""
    statements = (_one_end(sql) for sql in connection.execute(STATEMENTS).scalars())
    lines = [line.expandtabs(2).rstrip() for sql in statements for line in f"{sql};\n".splitlines()]
    return "\n".join(lines) + "\n"


def _one_end(statement: str) -> str:
    return re.sub(r"\s*\)\s*(WITHOUT ROWID)\s*$", r"\n) \1", statement)


def test_the_file_is_what_the_tables_are(request: pytest.FixtureRequest) -> None:
    with create_engine("sqlite://").begin() as connection:
        create_tables(connection)
        tables = made(connection)
    if request.config.getoption("--update-goldens"):
        FILE.write_text(HEAD + tables, encoding="utf-8")

    assert FILE.read_text(encoding="utf-8") == HEAD + tables, f"run `{AGAIN}`"


def test_a_new_database_has_all_that_the_file_has(tmp_path: Path) -> None:
    database = SqliteDatabase.create(tmp_path)
    make_tables(database)
    tables = database.read(made)
    database.close()

    assert HEAD + tables == FILE.read_text(encoding="utf-8")
