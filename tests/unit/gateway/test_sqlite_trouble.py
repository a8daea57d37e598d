"""A SQLite database that is locked, full or broken: waited for, or said so."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from provisioner.errors import OutputError
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.database import Database, NotAtOnceError
from provisioner.gateway.record.model import InterceptionEnd, Outcome, PromptUsage
from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.store import interceptions_where
from provisioner.gateway.record.write import write_records
from tests.support.interception_records import interception_start

NOW = datetime.now(UTC)


def set_there(database: Database, setting: str) -> None:
    """Change a setting of the one connection that nothing uses, which the next write takes."""
    asyncio.run(database.read_plain_async(lambda c: c.rows(f"PRAGMA {setting}")))


def test_a_locked_database_is_away_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.record.sqlite._BUSY_SECONDS", 0.05)
    database = open_database(tmp_path, None)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAwayError, match="database is locked"):
            write_records(database, "g", [interception_start("a", NOW)])
        assert database.read(interceptions_where) == ()
        other.execute("ROLLBACK")

    write_records(database, "g", [interception_start("a", NOW)])
    assert len(database.read(interceptions_where)) == 1
    database.close()


def test_a_new_database_that_another_makes_just_now_is_waited_for(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other,
        ThreadPoolExecutor(1) as thread,
    ):
        # SQLite refuses to change its journal at once then, and waits only with other locks.
        other.execute("BEGIN IMMEDIATE")
        opening = thread.submit(open_database, tmp_path, None)
        with pytest.raises(TimeoutError):
            opening.result(0.3)
        other.execute("ROLLBACK")
        opening.result().close()


def test_a_new_database_that_stays_locked_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.record.sqlite._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match=r"cannot use .*: database is locked$"):
            open_database(tmp_path, None)


def test_what_would_have_to_wait_is_not_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.record.sqlite._AT_ONCE_SECONDS", 0.02)
    monkeypatch.setattr("provisioner.gateway.record.sqlite._SLOW_FOR_SECONDS", 0.3)
    database = open_database(tmp_path, None)

    def write(seconds: float = 0.0) -> int:
        time.sleep(seconds)
        return database.write_at_once(lambda c: c.run("UPDATE gateway SET pid = 0"))

    def slowly(_: Plain) -> None:
        time.sleep(0.05)

    with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotAtOnceError):
            write()
        other.execute("ROLLBACK")
    assert write() == 0

    # What took long is done; what comes next is left to threads for a while.
    database.write_at_once(slowly)
    with pytest.raises(NotAtOnceError):
        write()
    assert write(0.4) == 0
    database.close()


def test_a_long_log_is_emptied_by_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.gateway.record.sqlite._LONGEST_LOG", 200_000)
    monkeypatch.setattr("provisioner.gateway.record.sqlite._BETWEEN_LOOKS", 2)
    monkeypatch.setattr("provisioner.gateway.record.sqlite._BETWEEN_TRIES_SECONDS", 0)
    database = open_database(tmp_path, None)
    log = tmp_path / f"{DATABASE_NAME}-wal"
    row = (
        "INSERT INTO dashboard_login (id, sealed_token, expires_at) VALUES (?, ?, 0)",
        "x" * 9_000,
    )

    def write(number: int) -> None:
        database.write_at_once(lambda c: c.run(row[0], (str(number), row[1])))

    numbers = itertools.count()
    with pytest.raises(NotAtOnceError):
        list(map(write, numbers))
    assert 200_000 < log.stat().st_size < 400_000

    with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM token").fetchall()
        # Whoever reads is not disturbed, and not waited for.
        database.write_plain(lambda c: c.run(row[0], ("while it is read", row[1])))
        with pytest.raises(NotAtOnceError):
            write(next(numbers))
    database.write_plain(lambda c: c.run(row[0], ("later", row[1])))
    assert log.stat().st_size == 0
    write(next(numbers))
    database.close()


def test_what_fails_at_once_is_undone(tmp_path: Path) -> None:
    database = open_database(tmp_path, None)
    row = "INSERT INTO gateway (id, host, pid, started_at, seen_at) VALUES ('g', 'h', 1, 0, 0)"

    def twice(plain: Plain) -> None:
        plain.run(row)
        plain.run(row)

    with pytest.raises(sqlite3.IntegrityError):
        database.write_at_once(twice)
    assert asyncio.run(database.read_plain_async(lambda c: c.rows("SELECT * FROM gateway"))) == []
    database.close()


def test_a_full_disk_keeps_what_is_there_and_takes_the_rest_later(tmp_path: Path) -> None:
    database = open_database(tmp_path, None)
    write_records(database, "g", [interception_start("a", NOW)])
    large = (PromptUsage("m", "x" * 1_000_000, NOW),)
    end = InterceptionEnd("a", NOW, Outcome.COMPLETED, 200, "", prompts=large)
    # SQLite's own limit says the same as a full disk.
    set_there(database, "max_page_count = 60")

    with pytest.raises(DatabaseAwayError, match="database or disk is full"):
        write_records(database, "g", [end])
    assert database.read(interceptions_where)[0].outcome is Outcome.RUNNING

    set_there(database, "max_page_count = 1000000")
    write_records(database, "g", [end])
    assert database.read(interceptions_where)[0].prompts == large
    database.close()


def test_a_disk_that_is_read_only_is_waited_for(tmp_path: Path) -> None:
    database = open_database(tmp_path, None)
    # SQLite's own switch says the same as such a disk.
    set_there(database, "query_only = ON")

    with pytest.raises(DatabaseAwayError, match="attempt to write a readonly database"):
        write_records(database, "g", [interception_start("a", NOW)])

    set_there(database, "query_only = OFF")
    write_records(database, "g", [interception_start("a", NOW)])
    assert len(database.read(interceptions_where)) == 1
    database.close()


def test_a_defect_is_not_waited_for(tmp_path: Path) -> None:
    database = open_database(tmp_path, None)

    with pytest.raises(DBAPIError):
        database.read(lambda c: c.exec_driver_sql("SELECT * FROM nothing"))
    database.close()
