"""Old interceptions out of the database, with all that belongs to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.stored import microseconds
from provisioner.gateway.record.write import PART_TABLES

__all__ = ["delete_before"]

_LIMIT = 500


def delete_before(connection: Connection, oldest: datetime) -> int:
    """Delete ended interceptions that started before `oldest`; return how many, at most 500."""
    table = interception
    query = (
        select(table.c.id)
        .where(table.c.started_at < microseconds(oldest), table.c.outcome != Outcome.RUNNING.value)
        .order_by(table.c.started_at)
        .limit(_LIMIT)
    )
    ids = connection.execute(query).scalars().all()
    if ids:
        for part in PART_TABLES.values():
            connection.execute(delete(part).where(part.c.interception_id.in_(ids)))
        connection.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)
