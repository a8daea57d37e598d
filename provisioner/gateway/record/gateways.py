"""The gateways that share a database: who lives, and what the dead could not finish.

A gateway says every few seconds that it lives. The interceptions of one that no longer does are
ended as interrupted; should it have been away only, its own end takes the place of that.
"""

from __future__ import annotations

import os
import platform
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from provisioner.gateway.record.plain import Plain, among
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
_ALIVE = (
    "INSERT INTO gateway (id, host, pid, started_at, seen_at) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
)
_INTERRUPTED = (
    "UPDATE interception "
    "SET ended_at = ?, outcome = 'interrupted', error = 'the gateway was killed' "
    "WHERE id IN (SELECT id FROM interception WHERE outcome = 'running' AND (gateway_id IS NULL "
    "OR gateway_id NOT IN (SELECT id FROM gateway) OR gateway_id {}) LIMIT ?)"
)
_FREE = "DELETE FROM lease WHERE gateway_id {}"
_FORGET = "DELETE FROM gateway WHERE id {}"
# Several may run in one process.
_OURS: set[str] = set()


class GatewayIdentity(Struct, frozen=True):
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


def say_alive(plain: Plain, identity: GatewayIdentity) -> None:
    """Tell the others that the gateway `identity` lives."""
    now = microseconds(datetime.now(UTC))
    plain.run(_ALIVE, (identity.id, identity.host, identity.pid, now, now))


def say_goodbye(plain: Plain, identity: GatewayIdentity) -> None:
    """Tell the others that the gateway `identity` has written all it had."""
    plain.run("DELETE FROM gateway WHERE id = ?", (identity.id,))


def end_interrupted(plain: Plain, identity: GatewayIdentity) -> int:
    """End what gateways left running that are dead by now; return how many, at most 1,000."""
    now = microseconds(datetime.now(UTC))
    dead = dead_gateways(plain, identity)
    those, values = among(plain, dead)
    ended = plain.run(_INTERRUPTED.format(those), (now, *values, _LIMIT))
    if dead and ended < _LIMIT:
        plain.run(_FREE.format(those), values)
        plain.run(_FORGET.format(those), values)
    return ended


def dead_gateways(plain: Plain, identity: GatewayIdentity) -> list[str]:
    """Return the ids of those that are silent for too long, or whose process here has ended."""
    silent = microseconds(datetime.now(UTC) - SILENT_AFTER)
    return [
        name
        for name, host, pid, seen_at in plain.rows("SELECT id, host, pid, seen_at FROM gateway")
        if name not in _OURS and (seen_at < silent or _is_gone(host, pid, identity))
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
