"""Which interceptions belong together: a human's prompt and the tool calls it led to.

An interception that brings the output of a tool call goes on with the one that asked for it. Its
thread is named by the first of the loop; its session by the client's own id, else by that first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, case, or_, select, update

from provisioner.gateway.record.model import InterceptionStart
from provisioner.gateway.record.schema import interception, tool_usage
from provisioner.gateway.record.stored import microseconds

__all__ = ["link", "link_late"]

_LATE_LIMIT = 500


def link(connection: Connection, starts: Sequence[InterceptionStart], calls: Iterable[str]) -> None:
    """Join what was just written with what it goes on from, or what waited for it.

    The two halves may come through different gateways, in any order.
    """
    continued = [start.id for start in starts if start.correlating_tool_call_id]
    asked = sorted(set(calls))
    if not continued and not asked:
        return
    table = interception
    _link_those(
        connection,
        or_(table.c.id.in_(continued), table.c.correlating_tool_call_id.in_(asked)),
    )


def link_late(connection: Connection, since: datetime) -> int:
    """Join what two gateways wrote at the same moment, unseen by each other; return how many."""
    return _link_those(connection, interception.c.started_at >= microseconds(since))


def _link_those(connection: Connection, which: ColumnElement[bool]) -> int:
    found = _children(connection, which)
    table = interception
    parents = {child.parent_id for child in found}
    query = select(table.c.id, table.c.thread_root_id).where(table.c.id.in_(parents))
    root_of = {row.id: row.thread_root_id for row in connection.execute(query)}
    # Oldest first: a parent that is a child too has its root by then.
    for child in found:
        root = root_of.get(child.parent_id) or child.parent_id
        root_of[child.id] = root
        _join(connection, child.id, child.parent_id, root)
    return len(found)


def _children(
    connection: Connection, which: ColumnElement[bool]
) -> Sequence[Row[tuple[str, int, str]]]:
    """Return the lone interceptions among `which` with their parents, oldest first."""
    child, parent = interception, interception.alias("parent")
    # Tools may repeat their call ids: the last to use it before is meant.
    last = (
        select(parent.c.id)
        .join(tool_usage, tool_usage.c.interception_id == parent.c.id)
        .where(
            tool_usage.c.tool_call_id == child.c.correlating_tool_call_id,
            # Anyone can send a call id: nobody may step into the thread of another user.
            parent.c.initiator == child.c.initiator,
            parent.c.initiator_id == child.c.initiator_id,
            or_(
                child.c.client_session_id.is_(None),
                parent.c.client_session_id == child.c.client_session_id,
            ),
            parent.c.started_at < child.c.started_at,
        )
        .order_by(parent.c.started_at.desc(), parent.c.id)
        .limit(1)
        .correlate(child)
        .scalar_subquery()
    )
    pairs = (
        select(child.c.id, child.c.started_at, last.label("parent_id"))
        .where(which, child.c.thread_parent_id.is_(None))
        .where(child.c.correlating_tool_call_id.is_not(None))
        .subquery()
    )
    query = select(pairs).where(pairs.c.parent_id.is_not(None))
    return connection.execute(
        query.order_by(pairs.c.started_at, pairs.c.id).limit(_LATE_LIMIT)
    ).all()


def _join(connection: Connection, child_id: str, parent_id: str, root: str) -> None:
    table = interception
    session = select(table.c.session_id).where(table.c.id == root).scalar_subquery()
    # Whatever hung on the child, which seemed to be the first of its thread, moves along.
    connection.execute(
        update(table)
        .where(or_(table.c.id == child_id, table.c.thread_root_id == child_id))
        .values(
            thread_root_id=root,
            thread_parent_id=case(
                (table.c.id == child_id, parent_id), else_=table.c.thread_parent_id
            ),
            session_id=case(
                (table.c.client_session_id.is_(None), session), else_=table.c.session_id
            ),
        )
    )
