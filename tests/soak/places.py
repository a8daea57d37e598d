"""Where a soak keeps its records, and how that is taken away and given back."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from provisioner.gateway.record.sqlite import DATABASE_NAME
from tests.soak.run import Place
from tests.support.postgres_server import PostgresServer

__all__ = ["SQLITE", "on_postgres"]


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    with contextlib.closing(
        sqlite3.connect(state / DATABASE_NAME, isolation_level=None, timeout=30)
    ) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.execute("ROLLBACK")


@contextlib.contextmanager
def _down(server: PostgresServer, _: Path) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


SQLITE = Place("sqlite", None, _locked)
"""Another process locks the file."""


def on_postgres(server: PostgresServer) -> Place:
    """Return a database of `server`, which is stopped and started."""
    return Place("postgres", server.new_database(), partial(_down, server))
