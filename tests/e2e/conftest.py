"""Servers that several end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres_server import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for a worker; a test that stops it starts it again."""
    with postgres_server() as server:
        yield server
