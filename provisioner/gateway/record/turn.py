"""Work that the gateways on one database must do one after another, and the time it is there."""

from __future__ import annotations

import enum
import time

from provisioner.gateway.record.plain import Plain

__all__ = ["Turn", "database_time", "take_turn"]


class Turn(enum.IntEnum):
    """What is done one after another; any numbers, the same in every gateway."""

    TABLES = 7_261_943_550_118
    """Making tables, and the first token."""
    LIMITS = 7_261_943_550_119
    """Counting what there is only so much of."""
    STATES = 7_261_943_550_120
    """Changing what the gateways tell each other: circuits, bans, keys that cool down."""
    KEYS = 7_261_943_550_121
    """Making and changing virtual keys: a name means one, and no change is lost."""
    PROVIDERS = 7_261_943_550_122
    """Making and changing providers, for the same reasons."""


_TIME = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


def take_turn(connection: Plain, turn: Turn = Turn.TABLES) -> int:
    """Wait until no other gateway has the `turn`; it is given back when the transaction ends.

    Return the time then, in microseconds since 1970 by the clock of the database. On SQLite
    whoever writes has every turn already.
    """
    if not connection.is_postgres:
        return database_time(connection)
    # The lock comes first, so that times are in the order of turns.
    ((_, now),) = connection.rows(f"SELECT pg_advisory_xact_lock(?), {_TIME}", [int(turn)])
    return int(now)


def database_time(connection: Plain) -> int:
    """Return the microseconds since 1970, for all gateways by the same clock."""
    if not connection.is_postgres:
        return time.time_ns() // 1000
    ((now,),) = connection.rows(f"SELECT {_TIME}")
    return int(now)
