"""What the gateways on one database know of credentials that fail, as far as it is not all good."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.schema import gateway, router_ban
from provisioner.gateway.record.turn import Turn, take_turn
from provisioner.gateway.router.bans import BanState

__all__ = ["bans_began", "changed_bans", "drop_old_bans", "forget_bans_before", "move_ban"]

_SECOND = 1_000_000
_FOR_EVER = 2**62


def move_ban(
    connection: Connection, subject: str, move: Callable[[BanState], BanState]
) -> BanState:
    """Let something happen to what is known of `subject`, and return what is known then."""
    now = take_turn(plain(connection), Turn.STATES)
    table = router_ban
    row = connection.execute(select(table).where(table.c.subject == subject)).one_or_none()
    after = move(BanState() if row is None else _state(row, now))
    until = _FOR_EVER if math.isinf(after.seconds) else now + round(after.seconds * _SECOND)
    values = {
        "failures": json.dumps({str(code): count for code, count in after.failures.items()}),
        "until": until if after.seconds else None,
        "changed_at": now,
    }
    if row is None:
        connection.execute(insert(table).values(subject=subject, **values))
    else:
        connection.execute(update(table).where(table.c.subject == subject).values(**values))
    return after


def changed_bans(
    connection: Connection, since: int, now: int, began: int
) -> Mapping[str, BanState]:
    """Return by subject what is known at `now` of those that changed `since` then.

    What is older than `began` does not count.
    """
    table = router_ban
    query = select(table).where(table.c.changed_at >= max(since, began))
    return {row.subject: _state(row, now) for row in connection.execute(query)}


def drop_old_bans(connection: Connection, before: int) -> None:
    """Forget what did not change since `before`, and was no ban then."""
    table = router_ban
    over = table.c.until.is_(None) | (table.c.until < before)
    connection.execute(delete(table).where(table.c.changed_at < before, over))


def bans_began(connection: Connection) -> int:
    """Return when the oldest gateway began that lives: a restart of all ends what was known."""
    return int(connection.execute(select(func.min(gateway.c.started_at))).scalar_one() or 0)


def forget_bans_before(connection: Connection, began: int) -> None:
    """Make everything good that was known before `began`, so that others hear of it."""
    now = take_turn(plain(connection), Turn.STATES)
    table = router_ban
    old = table.c.changed_at < began
    values = {"failures": "{}", "until": None, "changed_at": now}
    connection.execute(update(table).where(old).values(**values))


def _state(row: Row[tuple[object, ...]], now: int) -> BanState:
    failures, until = json.loads(str(row.failures)), row.until
    if until is not None and until <= now:
        return BanState()
    seconds = 0.0 if until is None else math.inf if until >= _FOR_EVER else (until - now) / _SECOND
    return BanState({int(code): count for code, count in failures.items()}, seconds)
