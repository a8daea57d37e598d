"""Work that the gateways on one database must do one after another."""

from __future__ import annotations

from sqlalchemy import Connection, text

__all__ = ["take_turn"]

# Any number, the same in every gateway.
_LOCK = 7_261_943_550_118


def take_turn(connection: Connection) -> None:
    """Wait until no other gateway has the turn; it is given back when the transaction ends.

    On SQLite whoever writes has it already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
