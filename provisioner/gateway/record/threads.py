"""Which interceptions belong together: a human's prompt and the tool calls it led to.

An interception that brings the output of a tool call goes on with the one that asked for it. Its
thread is named by the first of the loop; its session by the client's own id, else by that first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from provisioner.gateway.record.model import InterceptionStart
from provisioner.gateway.record.plain import Plain, among
from provisioner.gateway.record.stored import microseconds

__all__ = ["link", "link_late"]

# Looked up once for each child, where the engine can be told so.
_ONCE = "MATERIALIZED" if sqlite3.sqlite_version_info >= (3, 35) else ""
# The lone interceptions among some, each with its parent, oldest first. Tools may repeat their call
# ids: the last to use it before is meant. Anyone can send a call id: nobody may step into the
# thread of another user.
_PAIRS = """
WITH pairs AS {once} (
    SELECT child.id, child.started_at, (
        SELECT parent.id FROM interception AS parent
        JOIN tool_usage ON tool_usage.interception_id = parent.id
        WHERE tool_usage.tool_call_id = child.correlating_tool_call_id
        AND parent.initiator = child.initiator
        AND parent.initiator_id = child.initiator_id
        AND (child.client_session_id IS NULL
            OR parent.client_session_id = child.client_session_id)
        AND parent.started_at < child.started_at
        ORDER BY parent.started_at DESC, parent.id LIMIT 1
    ) AS parent_id
    FROM interception AS child
    WHERE ({}) AND child.thread_parent_id IS NULL
    AND child.correlating_tool_call_id IS NOT NULL
)
SELECT id, parent_id FROM pairs WHERE parent_id IS NOT NULL ORDER BY started_at, id LIMIT 500
"""
_PAIRS_AMONG = _PAIRS.format("child.id {} OR child.correlating_tool_call_id {}", once=_ONCE)
_PAIRS_SINCE = _PAIRS.format("child.started_at >= ?", once=_ONCE)
_ROOTS = "SELECT id, thread_root_id FROM interception WHERE id {}"
# Whatever hung on the child, which seemed to be the first of its thread, moves along.
_JOIN = """
UPDATE interception SET
thread_root_id = ?,
thread_parent_id = CASE WHEN id = ? THEN ? ELSE thread_parent_id END,
session_id = CASE WHEN client_session_id IS NULL
    THEN (SELECT root.session_id FROM interception AS root WHERE root.id = ?)
    ELSE session_id END
WHERE id = ? OR thread_root_id = ?
"""


def link(plain: Plain, starts: Sequence[InterceptionStart], calls: Iterable[str]) -> None:
    """Join what was just written with what it goes on from, or what waited for it.

    The two halves may come through different gateways, in any order.
    """
    continued = [start.id for start in starts if start.correlating_tool_call_id]
    asked = sorted(set(calls))
    if not continued and not asked:
        return
    these, ids = among(plain, continued)
    those, more = among(plain, asked)
    found = plain.rows(_PAIRS_AMONG.format(these, those), (*ids, *more))
    _join(plain, found)


def link_late(plain: Plain, since: datetime) -> int:
    """Join what two gateways wrote at the same moment, unseen by each other; return how many."""
    pairs = plain.rows(_PAIRS_SINCE, (microseconds(since),))
    _join(plain, pairs)
    return len(pairs)


def _join(plain: Plain, pairs: Sequence[tuple[str, str]]) -> None:
    """Join each child with its parent in `pairs`, oldest first."""
    if not pairs:
        return
    parents = sorted({parent for _, parent in pairs})
    those, values = among(plain, parents)
    root_of = dict(plain.rows(_ROOTS.format(those), values))
    joined = []
    # Oldest first: a parent that is a child too has its root by then.
    for child, parent in pairs:
        root_of[child] = root = root_of.get(parent) or parent
        joined.append((root, child, parent, root, child, child))
    plain.run_each(_JOIN, joined)
