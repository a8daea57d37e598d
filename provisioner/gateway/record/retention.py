"""Old interceptions out of the database, with all that belongs to them."""

from __future__ import annotations

from datetime import datetime

from provisioner.gateway.record.plain import Plain, among
from provisioner.gateway.record.stored import microseconds
from provisioner.gateway.record.write import PART_TABLES

__all__ = ["delete_before"]

_OLD = (
    "SELECT id FROM interception WHERE started_at < ? AND outcome <> 'running' "
    "ORDER BY started_at LIMIT 500"
)
_DELETE_PART = "DELETE FROM {} WHERE interception_id {}"
_DELETE = "DELETE FROM interception WHERE id {}"


def delete_before(plain: Plain, oldest: datetime) -> int:
    """Delete ended interceptions that started before `oldest`; return how many, at most 500."""
    ids = [name for (name,) in plain.rows(_OLD, (microseconds(oldest),))]
    if ids:
        those, values = among(plain, ids)
        for table in PART_TABLES.values():
            plain.run(_DELETE_PART.format(table, those), values)
        plain.run(_DELETE.format(those), values)
    return len(ids)
