"""A database error in, whether it may pass by itself out: then a later try can succeed."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator

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
    if _is_of_sqlalchemy(error, "TimeoutError"):
        return "all connections are in use"
    origin = _origin(error)
    if isinstance(origin, sqlite3.OperationalError):
        reason = str(origin)
        return reason if any(word in reason for word in _SQLITE) else None
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str) and state.startswith(_SQLSTATES):
        return f"PostgreSQL error {state}"
    if getattr(error, "connection_invalidated", False):
        return "the connection was lost"
    if isinstance(origin, OSError):
        # A timeout is one too, without words.
        return origin.strerror or type(origin).__name__
    return None


def in_words(error: BaseException) -> str:
    """Return one line about an `error` of a database that holds no data of users yet."""
    # A server's own words are further down: drivers and pools wrap what it said.
    said = next((cause for cause in _causes(error) if hasattr(cause, "sqlstate")), _origin(error))
    return next(iter(str(said).splitlines()), "") or type(said).__name__


def _origin(error: BaseException) -> BaseException:
    """Return what the driver raised, where SQLAlchemy passes it on."""
    origin = getattr(error, "orig", None)
    if _is_of_sqlalchemy(error, "DBAPIError") and isinstance(origin, BaseException):
        return origin
    return error


def _is_of_sqlalchemy(error: BaseException, name: str) -> bool:
    """Say whether `error` is one of that class; where it was not imported, none is."""
    module = sys.modules.get("sqlalchemy.exc")
    return module is not None and isinstance(error, getattr(module, name))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what `error` comes from, the first of it first."""
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)
    yield error
