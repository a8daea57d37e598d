"""Batches of records into a database, in one transaction each.

A batch may come twice, as when the connection was lost while it was committed: what is there
already stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from provisioner.gateway.record.database import Database
from provisioner.gateway.record.model import (
    InterceptionEnd,
    InterceptionStart,
    ModelThought,
    Outcome,
    PromptUsage,
    Record,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.record.plain import Plain, among, marks
from provisioner.gateway.record.stored import Stored, indexable, storable
from provisioner.gateway.record.threads import link

__all__ = ["PART_TABLES", "write_records"]

# Field of a record → its table.
PART_TABLES: Mapping[str, str] = {
    "token_usage": "token_usage",
    "prompts": "prompt_usage",
    "tools": "tool_usage",
    "thoughts": "model_thought",
}


def _insertion(table: str, names: Sequence[str]) -> str:
    columns, values = ", ".join(names), marks(len(names))
    # Of two transactions with one key the second waits for the first; neither fails.
    return f"INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours


def _part(name: str, kind: type) -> tuple[str, Stored, str]:
    stored = Stored(kind)
    return name, stored, _insertion(PART_TABLES[name], ("interception_id", *stored.names))


_PARTS = (
    _part("token_usage", TokenUsage),
    _part("prompts", PromptUsage),
    _part("tools", ToolUsage),
    _part("thoughts", ModelThought),
)
_START = Stored(InterceptionStart)
_END = Stored(InterceptionEnd, ("ended_at", "outcome", "status", "error"))
_NO_END = (None, Outcome.RUNNING.value, None, "")
_INSERT_START = _insertion("interception", (*_START.names, "session_id", "gateway_id", *_END.names))
_OUTCOMES = "SELECT id, outcome FROM interception WHERE id {}"
_SET_END = "UPDATE interception SET ended_at = ?, outcome = ?, status = ?, error = ? WHERE id = ?"
_SET_WHO_ANSWERED = (
    "UPDATE interception SET provider = ?, model = ?, credential_hint = ? WHERE id = ?"
)
# An end that comes after others have given the interception up is still the truth.
_OPEN = (Outcome.RUNNING.value, Outcome.INTERRUPTED.value)


def write_records(database: Database, gateway_id: str, records: Sequence[Record]) -> None:
    """Store `records` of the gateway `gateway_id`; they survive a kill once this returns.

    Raises `DatabaseAwayError` when a later try may succeed.
    """
    starts = [record for record in records if isinstance(record, InterceptionStart)]
    ends = {record.id: record for record in records if isinstance(record, InterceptionEnd)}

    def work(plain: Plain) -> None:
        outcomes = _outcomes(plain, ends) if ends else {}
        # Most are short: what began in this batch and ended too is written once.
        whole = {
            start.id: end
            for start in starts
            if (end := ends.get(start.id)) and end.id not in outcomes
        }
        _write_starts(plain, gateway_id, starts, whole)
        late = [end for end in ends.values() if outcomes.get(end.id) in _OPEN]
        _write_ends(plain, late)
        _write_parts(plain, [*whole.values(), *late])
        calls = (indexable(tool.tool_call_id) for end in ends.values() for tool in end.tools)
        link(plain, starts, [call for call in calls if call])

    database.write_plain(work)


def _outcomes(plain: Plain, ids: Iterable[str]) -> Mapping[str, str]:
    """Return those of `ids` that are stored, each with its outcome."""
    those, values = among(plain, ids)
    return dict(plain.rows(_OUTCOMES.format(those), values))


def _write_starts(
    plain: Plain,
    gateway_id: str,
    starts: Sequence[InterceptionStart],
    whole: Mapping[str, InterceptionEnd],
) -> None:
    rows = []
    for start in starts:
        end = whole.get(start.id)
        began = start if end is None else _as_answered(start, end)
        session_id = indexable(start.client_session_id) or start.id
        ending = _NO_END if end is None else _END.row(end)
        rows.append((*_START.row(began), session_id, gateway_id, *ending))
    plain.run_each(_INSERT_START, rows)


def _as_answered(start: InterceptionStart, end: InterceptionEnd) -> InterceptionStart:
    if not end.provider:
        return start
    hint = end.credential_hint
    return replace(start, provider=end.provider, model=end.model, credential_hint=hint)


def _write_ends(plain: Plain, ends: Sequence[InterceptionEnd]) -> None:
    plain.run_each(_SET_END, [(*_END.row(end), end.id) for end in ends])
    # What was written at the start is set right where another provider or key answered.
    told = [
        (storable(end.provider), storable(end.model), storable(end.credential_hint), end.id)
        for end in ends
        if end.provider
    ]
    plain.run_each(_SET_WHO_ANSWERED, told)


def _write_parts(plain: Plain, ends: Sequence[InterceptionEnd]) -> None:
    for name, stored, insertion in _PARTS:
        rows = [(end.id, *stored.row(entry)) for end in ends for entry in getattr(end, name)]
        plain.run_each(insertion, rows)
