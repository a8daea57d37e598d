"""What organizations paid for by day and auth mode, as an access file's usage has it."""

from __future__ import annotations

from sqlalchemy import Connection

from provisioner.gateway.management.call import ApiAnswer, ApiCall, ApiError
from provisioner.gateway.record.access_ledger import read_spent

__all__ = ["show_access_usage"]

_MICRO = 1_000_000


def show_access_usage(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with a row for each day, mode, kind of pools and organization, the oldest first."""
    if not call.viewer.admin:
        raise ApiError(403, "Only an admin of the gateway may see what was spent.")
    rows: list[object] = [
        {
            "day": row.day.isoformat(),
            "mode": row.mode,
            "pool": row.pool,
            # Money is exact only as text.
            "usd": f"{row.micro_dollars / _MICRO:.6f}",
            "organization": row.organization,
        }
        for row in read_spent(connection)
    ]
    return ApiAnswer({"spent": rows})
