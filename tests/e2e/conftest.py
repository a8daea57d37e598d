"""Servers that several end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.gateway.record.database import Database
from provisioner.gateway.record.opened import open_database
from tests.support.postgres_server import PostgresServer, postgres_server

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for a worker; a test that stops it starts it again."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=BOTH)
def address(request: pytest.FixtureRequest) -> str | None:
    """Where an empty database is: PostgreSQL's address, None for SQLite."""
    if request.param == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def database(tmp_path: Path, address: str | None) -> Iterator[Database]:
    """A database of either kind with all its tables."""
    made = open_database(tmp_path, address)
    yield made
    made.close()
