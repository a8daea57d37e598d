"""Circuit breakers: an endpoint that is busy again and again is left alone for a while."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from provisioner.gateway.deployment_config import CircuitBreakerConfig

__all__ = ["Breaker", "Breakers", "Circuit", "CircuitState", "Circuits"]


class CircuitState(Struct):
    """What is known of an endpoint and model; times are seconds on one clock."""

    failures: int = 0
    counted_since: float = 0.0
    open_until: float | None = None
    """None while it is closed; half open from then on."""
    trials: int = 0
    successes: int = 0
    tried_at: float = 0.0


class Circuit:
    """One endpoint and model: closed, open, or half open to try whether it is well again.

    The rules are those of the library that Coder uses: consecutive failures open it; while it is
    half open a number of requests may try, and as many successes in a row close it.
    """

    def __init__(
        self,
        config: CircuitBreakerConfig,
        clock: Callable[[], float],
        state: CircuitState | None = None,
        *,
        lost_seconds: float = math.inf,
    ) -> None:
        """Start closed, or as `state` says; `clock` tells seconds.

        Trials that nobody said the end of within `lost_seconds` make room for others.
        """
        self._config = config
        self._clock = clock
        self._lost_seconds = lost_seconds
        self.state = CircuitState(counted_since=clock()) if state is None else state

    @property
    def is_half_open(self) -> bool:
        """Whether a few requests may try."""
        return self.state.open_until is not None and self._clock() >= self.state.open_until

    @property
    def level(self) -> float:
        """0 while it is closed, 0.5 while it is half open, 1 while it is open."""
        if self.state.open_until is None:
            return 0.0
        return 0.5 if self.is_half_open else 1.0

    async def may_ask(self) -> bool:
        """Say the same as `admits`."""
        return self.admits()

    def admits(self) -> bool:
        """Say whether a request may be sent; then `saw` must be told how it went."""
        state, now = self.state, self._clock()
        if state.open_until is None:
            interval = self._config.interval_seconds
            if interval and now - state.counted_since >= interval:
                state.failures = 0
                state.counted_since = now
            return True
        if now < state.open_until:
            return False
        if state.trials >= self._config.max_requests:
            if now - state.tried_at < self._lost_seconds:
                return False
            state.trials = 0
        state.trials += 1
        state.tried_at = now
        return True

    def saw(self, *, failed: bool) -> None:
        """Count how an admitted request went."""
        state = self.state
        if state.open_until is None:
            state.failures = state.failures + 1 if failed else 0
            if state.failures >= self._config.failure_threshold:
                self._open()
        elif self._clock() >= state.open_until:
            self._tried(failed=failed)

    def _tried(self, *, failed: bool) -> None:
        if failed:
            self._open()
            return
        self.state.successes += 1
        if self.state.successes >= self._config.max_requests:
            self.state = CircuitState(counted_since=self._clock())

    def _open(self) -> None:
        until = self._clock() + self._config.timeout_seconds
        self.state = CircuitState(self.state.failures, self.state.counted_since, until)


class Breaker(Protocol):
    """What an exchange asks before it asks an upstream."""

    @property
    def level(self) -> float:
        """0 while it is closed, 0.5 while it is half open, 1 while it is open."""

    async def may_ask(self) -> bool:
        """Say whether a request may be sent; then `saw` must be told how it went."""

    def saw(self, *, failed: bool) -> None:
        """Count how such a request went."""


class Breakers(Protocol):
    """The breakers of a gateway."""

    @property
    def retry_after(self) -> int:
        """In how many seconds a refused client may come back."""

    def circuit(self, provider: str, endpoint: str, model: str) -> Breaker | None:
        """Return the one a request belongs to, None when circuits are switched off."""


class Circuits:
    """The circuits of a gateway, one for each provider, endpoint and model."""

    def __init__(
        self, config: CircuitBreakerConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with all closed."""
        self._config = config
        self._clock = clock
        self._circuits: dict[tuple[str, str, str], Circuit] = {}

    @property
    def retry_after(self) -> int:
        """In how many seconds a refused client may come back."""
        return int(self._config.timeout_seconds)

    def circuit(self, provider: str, endpoint: str, model: str) -> Circuit | None:
        """Return the circuit a request belongs to, None when circuits are switched off."""
        if not self._config.enabled:
            return None
        key = provider, endpoint, model
        found = self._circuits.get(key)
        if found is None:
            if len(self._circuits) >= _MOST_CIRCUITS:
                # Clients choose the model: made-up ones must not fill the memory.
                self._circuits.pop(next(iter(self._circuits)))
            found = self._circuits[key] = Circuit(self._config, self._clock)
        return found


_MOST_CIRCUITS = 10_000
