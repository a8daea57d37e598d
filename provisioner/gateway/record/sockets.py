"""How many WebSockets the workers of a gateway have open: together, and for each user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from provisioner.gateway.record.gateways import GatewayIdentity
from provisioner.gateway.record.leases import drop_lapsed, free_of_the_dead, hold, others_hold
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.turn import Turn, take_turn
from provisioner.gateway.shared_name import shared_name

__all__ = ["SocketShare", "hold_sockets", "may_open_socket"]

_LEASE = 10 * 1_000_000


@dataclass(frozen=True, slots=True)
class SocketShare:
    """What there is to share out, and between whom: processes with one name of `workers`."""

    identity: GatewayIdentity
    workers: str
    most: int
    most_of_user: int

    def subject(self, user: str = "") -> str:
        """Return what is held a place of: one for `user`, or one of all."""
        return shared_name("websockets", self.workers, user)


def may_open_socket(
    connection: Connection, share: SocketShare, opened: Mapping[str, int], user: str
) -> bool:
    """Say whether `user` may have the last one of those `opened` here, by user, and hold it then.

    A refused one holds nothing.
    """
    now = take_turn(plain(connection), Turn.LIMITS)
    fits = _fits(connection, share, opened, user, now)
    if not fits and free_of_the_dead(connection, share.identity):
        fits = _fits(connection, share, opened, user, now)
    if fits:
        _hold(connection, share, opened, now)
    return fits


def hold_sockets(connection: Connection, share: SocketShare, opened: Mapping[str, int]) -> None:
    """Say which ones are open here; without a word for ten seconds none are."""
    now = take_turn(plain(connection), Turn.LIMITS)
    _hold(connection, share, opened, now)
    drop_lapsed(connection, now)


def _fits(
    connection: Connection, share: SocketShare, opened: Mapping[str, int], user: str, now: int
) -> bool:
    own = share.identity.id
    all_others = others_hold(connection, share.subject(), own, now)
    others = others_hold(connection, share.subject(user), own, now)
    here = sum(opened.values())
    return here + all_others <= share.most and opened[user] + others <= share.most_of_user


def _hold(connection: Connection, share: SocketShare, opened: Mapping[str, int], now: int) -> None:
    held = {share.subject(): sum(opened.values())}
    held |= {share.subject(user): count for user, count in opened.items()}
    for subject, count in held.items():
        hold(connection, subject, share.identity.id, count, lapses_at=now + _LEASE)
