"""Circuits of all gateways on one database: each has a copy, what happens moves the stored one.

An endpoint that is well costs nothing: only failures, and what follows them, are told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

from msgspec.structs import replace
from sqlalchemy import Connection

from provisioner.gateway.circuit import Circuit, CircuitState
from provisioner.gateway.deployment_config import CircuitBreakerConfig
from provisioner.gateway.record.away import DatabaseAwayError
from provisioner.gateway.record.circuits import changed_circuits, move_circuit
from provisioner.gateway.record.database import Database
from provisioner.gateway.shared_name import shared_name
from provisioner.gateway.shared_time import SharedTime
from provisioner.gateway.telling import Telling

__all__ = ["SharedCircuit", "SharedCircuits"]

_MOST_CIRCUITS = 10_000
_PATIENCE_SECONDS = 1.0


class SharedCircuit:
    """One endpoint and model, as this process knows it."""

    def __init__(self, circuits: SharedCircuits, subject: str) -> None:
        """Start closed, until something else is heard."""
        self._circuits = circuits
        self._subject = subject
        self.copy = circuits.made(None)

    @property
    def level(self) -> float:
        """0 while it is closed, 0.5 while it is half open, 1 while it is open."""
        return self.copy.level

    async def may_ask(self) -> bool:
        """Say whether a request may be sent; then `saw` must be told how it went."""
        if not self.copy.is_half_open:
            return self.copy.admits()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._circuits.moved(self._subject, _admits)
        except (DatabaseAwayError, TimeoutError):
            return self.copy.admits()

    def saw(self, *, failed: bool) -> None:
        """Count how such a request went; the others hear of it if it changes anything."""
        before = replace(self.copy.state)
        self.copy.saw(failed=failed)
        if self.copy.state != before:
            self._circuits.tell(self._subject, failed=failed)


class SharedCircuits:
    """The circuits of a gateway; use them on one event loop."""

    def __init__(self, config: CircuitBreakerConfig, database: Database, clock: SharedTime) -> None:
        """Keep what happens in `database`, whose time `clock` tells."""
        self._config = config
        self._database = database
        self._clock = clock
        self._circuits: dict[str, SharedCircuit] = {}
        self._telling = Telling()

    @property
    def retry_after(self) -> int:
        """In how many seconds a refused client may come back."""
        return int(self._config.timeout_seconds)

    def circuit(self, provider: str, endpoint: str, model: str) -> SharedCircuit:
        """Return the circuit a request belongs to."""
        return self._named(shared_name(provider, endpoint, model))

    def made(self, state: CircuitState | None, now: float | None = None) -> Circuit:
        """Return a circuit that is as `state` says, at `now` or on and on."""
        clock = self._clock if now is None else lambda: now
        # A gateway that is killed, or a client that hangs up, never says how its trial went.
        lost = self._config.timeout_seconds
        return Circuit(self._config, clock, state, lost_seconds=lost)

    def tell(self, subject: str, *, failed: bool) -> None:
        """Tell the others, soon and in order."""
        self._telling.tell(lambda: self.moved(subject, partial(_saw, failed=failed)))

    async def told(self) -> None:
        """Wait a while until the others can know all."""
        await self._telling.told()

    async def moved(self, subject: str, happens: Callable[[Circuit], bool]) -> bool:
        """Let something happen to the stored circuit and return what it says.

        Raises `DatabaseAwayError`.
        """

        def move(state: CircuitState, now: float) -> tuple[CircuitState, bool]:
            circuit = self.made(state, now)
            answer = happens(circuit)
            return circuit.state, answer

        state, answer = await self._database.write_async(
            lambda connection: move_circuit(connection, subject, move)
        )
        self._named(subject).copy.state = state
        return answer

    def read(self, connection: Connection, since: int) -> Mapping[str, CircuitState]:
        """Read what changed `since` that time of the database."""
        return changed_circuits(connection, since)

    def learn(self, changed: Mapping[str, CircuitState]) -> None:
        """Take over what was read."""
        for subject, state in changed.items():
            self._named(subject).copy.state = state

    def _named(self, subject: str) -> SharedCircuit:
        found = self._circuits.get(subject)
        if found is None:
            if len(self._circuits) >= _MOST_CIRCUITS:
                # Clients choose the model: made-up ones must not fill the memory.
                self._circuits.pop(next(iter(self._circuits)))
            found = self._circuits[subject] = SharedCircuit(self, subject)
        return found


def _admits(circuit: Circuit) -> bool:
    return circuit.admits()


def _saw(circuit: Circuit, *, failed: bool) -> bool:
    if circuit.state.open_until is None:
        # Failures of long ago do not count.
        circuit.admits()
    circuit.saw(failed=failed)
    return True
