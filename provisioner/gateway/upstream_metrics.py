"""Circuits and keys of providers in, their metrics out, with the names and labels of Coder's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from provisioner.gateway.circuit import Breaker, Breakers
from provisioner.gateway.key_pool import KeyPool
from provisioner.gateway.metric_series import series

__all__ = ["UpstreamMetrics", "WatchedCircuits"]

_CIRCUIT = ("provider", "endpoint", "model")
_OPEN = 1.0
_ATTEMPTS = (1, 2, 3, 4, 5, 10, 25)
_REASONS = {401: "unauthorized", 429: "rate_limited"}


class UpstreamMetrics(Collector):
    """Counts what circuits and keys do; as a collector it tells how many keys can be used."""

    def __init__(self, registry: CollectorRegistry, model: Callable[[str], str]) -> None:
        """Count in `registry`; `model` makes a label of a name that clients choose."""
        self._model = model
        self._levels: dict[tuple[str, str, str], float] = {}
        self._pools: dict[str, KeyPool] = {}
        counter = partial(series, Counter, registry)
        self._state = series(
            Gauge,
            registry,
            "circuit_breaker_state",
            "0 for a closed circuit, 0.5 for a half open one, 1 for an open one",
            _CIRCUIT,
            multiprocess_mode="livemostrecent",
        )
        self._trips = counter("circuit_breaker_trips", "Circuits that opened", _CIRCUIT)
        self._rejects = counter(
            "circuit_breaker_rejects", "Requests that an open circuit refused", _CIRCUIT
        )
        self._transitions = counter(
            "key_pool_state_transitions", "Keys that were refused", ("provider", "reason")
        )
        self._exhaustions = counter(
            "key_pool_exhaustions", "Requests for which no key was left", ("provider", "outcome")
        )
        self._attempts = series(
            Histogram,
            registry,
            "key_pool_failover_attempts",
            "Keys that were tried for a request",
            ("provider",),
            buckets=_ATTEMPTS,
        )

    def watch(self, pools: Mapping[str, KeyPool]) -> None:
        """Count what the keys of providers, by name, do from now on."""
        self._pools = dict(pools)
        for provider, pool in pools.items():
            pool.watch = _PoolWatch(provider, self._transitions, self._exhaustions, self._attempts)

    def see_circuit(self, labels: tuple[str, str, str], level: float, *, refused: bool) -> None:
        """Take note of a circuit that was asked, or told how a request went."""
        provider, endpoint, model = labels
        labels = provider, endpoint, self._model(model)
        if level == _OPEN and self._levels.get(labels) != _OPEN:
            self._trips(*labels).inc()
        self._levels[labels] = level
        self._state(*labels).set(level)
        if refused:
            self._rejects(*labels).inc()

    def collect(self) -> Iterable[Metric]:
        """Yield how many keys of each provider are in each state."""
        family = Metric("key_pool_state", "Keys in each state", "gauge")
        for provider, pool in self._pools.items():
            usable = sum(1 for _ in pool.usable())
            for state, count in (("valid", usable), ("temporary", len(pool) - usable)):
                labels = {"provider": provider, "state": state}
                family.add_sample("key_pool_state", labels, count)
        yield family


class _PoolWatch:
    """Counts for one provider."""

    def __init__(
        self,
        provider: str,
        transitions: Callable[..., Counter],
        exhaustions: Callable[..., Counter],
        attempts: Callable[..., Histogram],
    ) -> None:
        self._provider = provider
        self._transitions = transitions
        self._exhaustions = exhaustions
        self._attempts = attempts

    def refused(self, status: int) -> None:
        self._transitions(self._provider, _REASONS[status]).inc()

    def tried(self, count: int) -> None:
        if count:
            self._attempts(self._provider).observe(count)

    def exhausted(self, *, limited: bool) -> None:
        self._exhaustions(self._provider, "rate_limited" if limited else "auth_failed").inc()


class WatchedCircuits:
    """Circuits of which everything is counted."""

    def __init__(self, circuits: Breakers, metrics: UpstreamMetrics) -> None:
        """Count what `circuits` do in `metrics`."""
        self._circuits = circuits
        self._metrics = metrics

    @property
    def retry_after(self) -> int:
        """In how many seconds a refused client may come back."""
        return self._circuits.retry_after

    def circuit(self, provider: str, endpoint: str, model: str) -> Breaker | None:
        """Return the one a request belongs to, None when circuits are switched off."""
        found = self._circuits.circuit(provider, endpoint, model)
        labels = provider, endpoint, model
        return None if found is None else _WatchedCircuit(found, labels, self._metrics)


class _WatchedCircuit:
    """One circuit for one request."""

    def __init__(
        self, circuit: Breaker, labels: tuple[str, str, str], metrics: UpstreamMetrics
    ) -> None:
        self._circuit = circuit
        self._labels = labels
        self._metrics = metrics

    @property
    def level(self) -> float:
        return self._circuit.level

    async def may_ask(self) -> bool:
        allowed = await self._circuit.may_ask()
        self._metrics.see_circuit(self._labels, self.level, refused=not allowed)
        return allowed

    def saw(self, *, failed: bool) -> None:
        self._circuit.saw(failed=failed)
        self._metrics.see_circuit(self._labels, self.level, refused=False)
