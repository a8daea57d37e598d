"""Which keys of providers cool down, told from one gateway to the others on its database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, text

from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.schema import key_pause
from provisioner.gateway.record.turn import Turn, take_turn

__all__ = ["KeyPause", "changed_key_pauses", "drop_old_key_pauses", "pause_key"]

_SECOND = 1_000_000
_PAUSE = text(
    "INSERT INTO key_pause (subject, until, limited, changed_at) "
    "VALUES (:subject, :until, :limited, :now) "
    "ON CONFLICT (subject) DO UPDATE SET "
    "until = excluded.until, limited = excluded.limited, changed_at = excluded.changed_at "
    "WHERE key_pause.until <= excluded.until"
)


@dataclass(frozen=True, slots=True)
class KeyPause:
    """For how many `seconds` from now the key `subject` is left alone; `limited` or rejected."""

    subject: str
    seconds: float
    limited: bool


def pause_key(connection: Connection, pause: KeyPause) -> None:
    """Tell the others of `pause`; a longer one is not cut short."""
    now = take_turn(plain(connection), Turn.STATES)
    until = now + round(pause.seconds * _SECOND)
    row = {"subject": pause.subject, "until": until, "limited": pause.limited, "now": now}
    connection.execute(_PAUSE, row)


def changed_key_pauses(connection: Connection, since: int, now: int) -> Sequence[KeyPause]:
    """Return those that go on at `now` and changed `since` that time of the database."""
    table = key_pause
    query = select(table).where(table.c.changed_at >= since, table.c.until > now)
    return [
        KeyPause(row.subject, (row.until - now) / _SECOND, row.limited)
        for row in connection.execute(query)
    ]


def drop_old_key_pauses(connection: Connection, now: int) -> None:
    """Forget those that are over."""
    connection.execute(delete(key_pause).where(key_pause.c.until <= now))
