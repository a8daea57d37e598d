"""The gateways that share a database: who lives, and what the dead could not finish.

A gateway says every few seconds that it lives. The interceptions of one that no longer does are
ended as interrupted; should it have been away only, its own end takes the place of that.
"""

from __future__ import annotations

import os
import platform
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, insert, or_, select, update

from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import gateway, interception, lease
from provisioner.gateway.record.stored import microseconds

__all__ = [
    "SILENT_AFTER",
    "GatewayIdentity",
    "dead_gateways",
    "end_interrupted",
    "say_alive",
    "say_goodbye",
]

SILENT_AFTER = timedelta(seconds=30)
"""A gateway that said nothing for so long is taken for dead."""

_LIMIT = 1_000
# Several may run in one process.
_OURS: set[str] = set()


@dataclass(frozen=True, slots=True)
class GatewayIdentity:
    """One process that writes records."""

    id: str
    host: str
    pid: int

    @classmethod
    def of_this_process(cls) -> GatewayIdentity:
        """Return a new identity."""
        made = cls(str(uuid.uuid4()), _host(), os.getpid())
        _OURS.add(made.id)
        return made


def say_alive(connection: Connection, identity: GatewayIdentity) -> None:
    """Tell the others that the gateway `identity` lives."""
    now = microseconds(datetime.now(UTC))
    seen = update(gateway).where(gateway.c.id == identity.id).values(seen_at=now)
    if connection.execute(seen).rowcount == 0:
        row = {"id": identity.id, "host": identity.host, "pid": identity.pid}
        connection.execute(insert(gateway).values(**row, started_at=now, seen_at=now))


def say_goodbye(connection: Connection, identity: GatewayIdentity) -> None:
    """Tell the others that the gateway `identity` has written all it had."""
    connection.execute(delete(gateway).where(gateway.c.id == identity.id))


def end_interrupted(connection: Connection, identity: GatewayIdentity) -> int:
    """End what gateways left running that are dead by now; return how many, at most 1,000."""
    now = datetime.now(UTC)
    dead = dead_gateways(connection, identity)
    table = interception
    living = select(gateway.c.id).where(gateway.c.id.not_in(dead))
    orphans = (
        select(table.c.id)
        .where(
            table.c.outcome == Outcome.RUNNING.value,
            or_(table.c.gateway_id.is_(None), table.c.gateway_id.not_in(living)),
        )
        .limit(_LIMIT)
    )
    ended = connection.execute(
        update(table)
        .where(table.c.id.in_(orphans))
        .values(
            ended_at=microseconds(now),
            outcome=Outcome.INTERRUPTED.value,
            error="the gateway was killed",
        )
    ).rowcount
    if dead and ended < _LIMIT:
        connection.execute(delete(lease).where(lease.c.gateway_id.in_(dead)))
        connection.execute(delete(gateway).where(gateway.c.id.in_(dead)))
    return ended


def dead_gateways(connection: Connection, identity: GatewayIdentity) -> list[str]:
    """Return the ids of those that are silent for too long, or whose process here has ended."""
    rows = connection.execute(select(gateway)).all()
    silent = microseconds(datetime.now(UTC) - SILENT_AFTER)
    return [
        row.id
        for row in rows
        if row.id not in _OURS and (row.seen_at < silent or _is_gone(row.host, row.pid, identity))
    ]


def _host() -> str:
    """Return what tells apart all places in which a process number means something."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def _is_gone(host: str, pid: int, identity: GatewayIdentity) -> bool:
    """Say whether a process of this host is known to have ended."""
    # On Windows the call below would end the process.
    if host != identity.host or os.name == "nt":
        return False
    if pid == identity.pid:
        # The number came round; its former process is not this one.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
