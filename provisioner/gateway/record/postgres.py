"""The address of a PostgreSQL database in, a database for any number of gateways out.

The driver speaks asyncio, the queries do not: they run on an event loop of their own, so that
neither requests nor records ever wait for a connection.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from provisioner.errors import InputError
from provisioner.gateway.record.away import DatabaseAwayError, away_reason
from provisioner.gateway.record.database import NotAtOnceError
from provisioner.gateway.record.plain import Plain, plain

__all__ = ["PostgresDatabase", "postgres_url"]

Result = TypeVar("Result")

_CONNECT_SECONDS = 5
_COMMAND_SECONDS = 10
_CONNECTIONS = 5
# Beyond this a caller is told that the database is away.
_RUN_SECONDS = 15
_CLOSE_SECONDS = 5


def postgres_url(text: str) -> URL:
    """Return the address in `text`, such as `postgresql://gateway@db.internal/gateway`.

    Raises `InputError` for anything that is not one; the message does not quote it, as it may
    hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"postgresql", "postgres"}:
        raise InputError("the database address must look like postgresql://user@host/name")
    query = dict(url.query)
    # The name that the tools of PostgreSQL use, and the one that the driver takes.
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername="postgresql+asyncpg", query=query)


class PostgresDatabase:
    """A pool of connections to one PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        """Connect to `url` when first used."""
        self.name = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        self._engine = create_async_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=_CONNECTIONS,
            pool_timeout=_CONNECT_SECONDS,
            connect_args={
                "timeout": _CONNECT_SECONDS,
                "command_timeout": _COMMAND_SECONDS,
                "server_settings": {
                    "application_name": "provisioner-gateway",
                    # A host that vanishes must not keep what others wait for.
                    "idle_in_transaction_session_timeout": f"{_COMMAND_SECONDS}s",
                },
            },
        )
        self._snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="gateway-database", daemon=True
        )
        self._thread.start()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` reads, from one snapshot; a lost connection is tried once more."""
        return self._submit(self._read(work)).result()

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return what `work` says; what it writes survives a kill once this returns."""
        return self._submit(_run(self._engine, work)).result()

    async def read_async(self, work: Callable[[Connection], Result]) -> Result:
        """Read on the loop of the database."""
        return await asyncio.wrap_future(self._submit(self._read(work)))

    async def write_async(self, work: Callable[[Connection], Result]) -> Result:
        """Write on the loop of the database."""
        return await asyncio.wrap_future(self._submit(_run(self._engine, work)))

    def write_plain(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write` does, with SQL as text."""
        return self.write(lambda connection: work(plain(connection)))

    async def read_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `read_async` does, with SQL as text."""
        return await self.read_async(lambda connection: work(plain(connection)))

    async def write_plain_async(self, work: Callable[[Plain], Result]) -> Result:
        """Do what `write_async` does, with SQL as text."""
        return await self.write_async(lambda connection: work(plain(connection)))

    def write_at_once(self, work: Callable[[Plain], Result]) -> Result:  # noqa: ARG002
        """Raise `NotAtOnceError`: a server is always waited for."""
        raise NotAtOnceError

    def close(self) -> None:
        """Let go of all connections, and of the loop."""
        # A server that is away does not answer a farewell either.
        with suppress(Exception):
            self._submit(self._engine.dispose()).result(_CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        try:
            return await _run(self._snapshot, work)
        except DatabaseAwayError as error:
            # All connections of the pool die with a restart of the server; a new one may work.
            lost = isinstance(error.__cause__, DBAPIError)
            if not lost:
                raise
        return await _run(self._snapshot, work)


async def _run(engine: AsyncEngine, work: Callable[[Connection], Result]) -> Result:
    try:
        async with (
            asyncio.timeout(_RUN_SECONDS),
            aclosing(await _connected(engine)) as connection,
            connection.begin(),
        ):
            return await connection.run_sync(work)
    except DatabaseAwayError:
        raise
    except Exception as error:
        reason = away_reason(error)
        if reason is None:
            raise
        raise DatabaseAwayError(reason) from error


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    """Return a connection; whatever stands in the way of one, nothing asked of it is at fault."""
    try:
        return await engine.connect()
    except Exception as error:
        reason = away_reason(error) or f"no connection: {type(error).__name__}"
        raise DatabaseAwayError(reason) from error
