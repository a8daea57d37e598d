"""A PostgreSQL server of this test run: in a folder of its own, stopped and started at will."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg

__all__ = ["PASSWORD", "PostgresServer", "postgres_server"]

SECONDS = 30
PASSWORD = "pw-only-for-tests-81f3"
_USER = "gateway"


class PostgresServer:
    """One server on a loopback port; every test takes a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "password").write_text(PASSWORD)
        command = ["initdb", "-D", str(folder / "data"), "-U", _USER, "--no-sync", "-E", "UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--locale=C"]
        subprocess.run(command, check=True, capture_output=True, **_as_nobody(folder))

    def start(self) -> None:
        """Start, and return when it answers."""
        command = ["postgres", "-D", str(self._folder / "data"), "-k", str(self._folder)]
        command += ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, **_as_nobody(self._folder)
            )
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.run("postgres", "SELECT 1")
            except (OSError, asyncpg.PostgresError):
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Cut all connections off and end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(SECONDS)
            self._process = None

    def new_database(self) -> str:
        """Make an empty database and return its address, password included."""
        name = f"test_{uuid.uuid4().hex}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return f"postgresql://{_USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def run(self, database: str, statement: str) -> list[Any]:
        """Run one statement in `database` and return its rows."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=self.port,
                user=_USER,
                password=PASSWORD,
                database=database,
                timeout=SECONDS,
            )
            try:
                return await connection.fetch(statement)
            finally:
                await connection.close()

        return asyncio.run(run())


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server; it refuses to run as root, so root runs it as `nobody`."""
    # Not a folder of pytest: those are for their owner alone.
    folder = Path(tempfile.mkdtemp(prefix="provisioner-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "nobody")
    server = PostgresServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _as_nobody(folder: Path) -> dict[str, Any]:
    environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C"}
    if os.getuid() != 0:
        return {"env": environment, "cwd": folder}
    nobody = pwd.getpwnam("nobody")
    return {
        "env": environment,
        "cwd": folder,
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
    }
