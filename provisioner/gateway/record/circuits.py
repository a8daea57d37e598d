"""What the gateways on one database know of circuits, as far as it is not simply good."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import astuple
from sqlalchemy import Connection, Row, delete, insert, select, update

from provisioner.gateway.circuit import CircuitState
from provisioner.gateway.record.plain import plain
from provisioner.gateway.record.schema import circuit
from provisioner.gateway.record.turn import Turn, take_turn

__all__ = ["changed_circuits", "drop_old_circuits", "move_circuit"]

_SECOND = 1_000_000
_NAMES = ("failures", "counted_since", "open_until", "trials", "successes", "tried_at")
_TIMES = {"counted_since", "open_until", "tried_at"}

Move = Callable[[CircuitState, float], tuple[CircuitState, bool]]
"""What happens: the state before and the time in seconds in, the state after and an answer out."""


def move_circuit(connection: Connection, subject: str, move: Move) -> tuple[CircuitState, bool]:
    """Let something happen to the circuit `subject`; return its state then and the answer."""
    now = take_turn(plain(connection), Turn.STATES)
    table = circuit
    row = connection.execute(select(table).where(table.c.subject == subject)).one_or_none()
    before = CircuitState(counted_since=now / _SECOND) if row is None else _state(row)
    after, answer = move(before, now / _SECOND)
    values = {**_values(after), "changed_at": now}
    if row is None:
        connection.execute(insert(table).values(subject=subject, **values))
    else:
        connection.execute(update(table).where(table.c.subject == subject).values(**values))
    return after, answer


def changed_circuits(connection: Connection, since: int) -> Mapping[str, CircuitState]:
    """Return by subject what changed `since` that time of the database."""
    query = select(circuit).where(circuit.c.changed_at >= since)
    return {row.subject: _state(row) for row in connection.execute(query)}


def drop_old_circuits(connection: Connection, before: int) -> None:
    """Forget what did not change since `before`, and was not open then."""
    is_old = circuit.c.changed_at < before
    connection.execute(
        delete(circuit).where(
            is_old, circuit.c.open_until.is_(None) | (circuit.c.open_until < before)
        )
    )


def _state(row: Row[tuple[object, ...]]) -> CircuitState:
    stored = row._mapping  # noqa: SLF001 - public by another name
    values = {
        name: stored[name] / _SECOND
        if name in _TIMES and stored[name] is not None
        else stored[name]
        for name in _NAMES
    }
    return CircuitState(**values)


def _values(state: CircuitState) -> dict[str, int | None]:
    return {
        name: round(value * _SECOND) if name in _TIMES and value is not None else value
        for name, value in zip(_NAMES, astuple(state), strict=True)
    }
