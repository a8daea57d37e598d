"""What budgets do in, the metrics of cost control out, with the names of Coder's."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram

from provisioner.gateway.metric_series import series

__all__ = ["CostMetrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class CostMetrics:
    """Counts what budgets decide."""

    def __init__(self, registry: CollectorRegistry, model: Callable[[str], str]) -> None:
        """Count in `registry`; `model` makes a label of a name that clients choose."""
        self._model = model
        name = "cost_control_blocked_requests"
        self._blocked = Counter(name, "Requests that a budget refused", registry=registry)
        self._duration = Histogram(
            "cost_control_enforcement_duration_seconds",
            "How long a request waited for its budgets",
            registry=registry,
            buckets=_BUCKETS,
        )
        self._unpriced = series(
            Counter,
            registry,
            "cost_control_unpriced_token_usage_records",
            "Records of tokens whose model has no price",
            ("provider", "model"),
        )

    def enforced(self, seconds: float, *, blocked: bool) -> None:
        """Hear of a request that budgets were asked about."""
        self._duration.observe(seconds)
        if blocked:
            self._blocked.inc()

    def unpriced(self, provider: str, model: str, count: int) -> None:
        """Hear of `count` records of tokens that cost nothing, as nobody knows their price."""
        self._unpriced(provider, self._model(model)).inc(count)
