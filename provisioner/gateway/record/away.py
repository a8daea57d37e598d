"""A database error in, whether it may pass by itself out: then a later try can succeed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

__all__ = ["DatabaseAwayError", "away_reason", "in_words"]

# What SQLite says of a state that may pass; anything else is a defect that waiting cannot mend.
_SQLITE = ("locked", "busy", "full", "disk I/O error", "unable to open", "readonly")
# Classes of SQLSTATE, from the manual of PostgreSQL: connection, read only, login, no such
# database, transaction rolled back, resources, not in that state, operator, system.
_SQLSTATES = ("08", "25006", "28", "3D", "40", "53", "55", "57", "58")


class DatabaseAwayError(Exception):
    """The database cannot be used now; trying again may help."""


def away_reason(error: BaseException) -> str | None:
    """Return why the database is away, in words that quote no data; None for another trouble."""
    if isinstance(error, PoolTimeoutError):
        return "all connections are in use"
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.OperationalError):
        reason = str(origin)
        return reason if any(word in reason for word in _SQLITE) else None
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str) and state.startswith(_SQLSTATES):
        return f"PostgreSQL error {state}"
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "the connection was lost"
    if isinstance(origin, OSError):
        # A timeout is one too, without words.
        return origin.strerror or type(origin).__name__
    return None


def in_words(error: BaseException) -> str:
    """Return one line about an `error` of a database that holds no data of users yet."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    # A server's own words are further down: drivers and pools wrap what it said.
    said = next((cause for cause in _causes(error) if hasattr(cause, "sqlstate")), origin)
    return next(iter(str(said).splitlines()), "") or type(origin).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what `error` comes from, the first of it first."""
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)
    yield error
