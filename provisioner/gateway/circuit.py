"""Circuit breakers: an endpoint that is busy again and again is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from provisioner.gateway.deployment_config import CircuitBreakerConfig

__all__ = ["Circuit", "Circuits"]


class Circuit:
    """One endpoint and model: closed, open, or half open to try whether it is well again.

    The rules are those of the library that Coder uses: consecutive failures open it; while it is
    half open a number of requests may try, and as many successes in a row close it.
    """

    def __init__(self, config: CircuitBreakerConfig, clock: Callable[[], float]) -> None:
        """Start closed; `clock` tells seconds."""
        self._config = config
        self._clock = clock
        self._failures = 0
        self._counted_since = clock()
        self._open_until: float | None = None
        self._trials = 0
        self._successes = 0

    def admits(self) -> bool:
        """Say whether a request may be sent; then `saw` must be told how it went."""
        now = self._clock()
        if self._open_until is None:
            interval = self._config.interval_seconds
            if interval and now - self._counted_since >= interval:
                self._failures = 0
                self._counted_since = now
            return True
        if now < self._open_until or self._trials >= self._config.max_requests:
            return False
        self._trials += 1
        return True

    def saw(self, *, failed: bool) -> None:
        """Count how an admitted request went."""
        if self._open_until is None:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= self._config.failure_threshold:
                self._open()
        elif self._clock() >= self._open_until:
            self._tried(failed=failed)

    def _tried(self, *, failed: bool) -> None:
        if failed:
            self._open()
            return
        self._successes += 1
        if self._successes >= self._config.max_requests:
            self._open_until = None
            self._failures = 0
            self._counted_since = self._clock()

    def _open(self) -> None:
        self._open_until = self._clock() + self._config.timeout_seconds
        self._trials = 0
        self._successes = 0


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
