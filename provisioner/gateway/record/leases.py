"""How much each gateway holds of something that there is only so much of.

A lease lapses by itself: what a gateway held that was killed is free again then. Use these in a
transaction that has the turn for limits.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, text

from provisioner.gateway.record.gateways import GatewayIdentity, dead_gateways
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.schema import lease

__all__ = ["drop_lapsed", "free_of_the_dead", "hold", "let_go", "others_hold"]

_HOLD = text(
    "INSERT INTO lease (subject, gateway_id, held, lapses_at) "
    "VALUES (:subject, :gateway_id, :held, :lapses_at) "
    "ON CONFLICT (subject, gateway_id) "
    "DO UPDATE SET held = excluded.held, lapses_at = excluded.lapses_at"
)


def others_hold(connection: Connection, subject: str, gateway_id: str, now: int) -> int:
    """Return how much of `subject` other gateways hold."""
    query = select(func.coalesce(func.sum(lease.c.held), 0)).where(
        lease.c.subject == subject, lease.c.gateway_id != gateway_id, lease.c.lapses_at > now
    )
    return int(connection.execute(query).scalar_one())


def hold(
    connection: Connection, subject: str, gateway_id: str, held: int, *, lapses_at: int
) -> None:
    """Say that the gateway holds `held` of `subject`: all of it, so saying it twice is harmless."""
    row = {"subject": subject, "gateway_id": gateway_id, "held": held, "lapses_at": lapses_at}
    connection.execute(_HOLD, row)


def let_go(connection: Connection, gateway_id: str) -> None:
    """Free all that the gateway holds."""
    connection.execute(delete(lease).where(lease.c.gateway_id == gateway_id))


def free_of_the_dead(connection: Connection, identity: GatewayIdentity) -> bool:
    """Free what gateways hold that are known to be dead, before it lapses; say if there was any."""
    dead = dead_gateways(plain(connection), identity)
    return connection.execute(delete(lease).where(lease.c.gateway_id.in_(dead))).rowcount > 0


def drop_lapsed(connection: Connection, now: int) -> None:
    """Forget what nobody holds any more."""
    connection.execute(delete(lease).where(lease.c.lapses_at <= now))
