"""What budgets do in, the metrics of cost control out, with the names and labels of Coder's.

Where Coder tells the id of a group, this is the name of one: groups of tokens have no more.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram

from provisioner.gateway.metric_series import series
from provisioner.gateway.providers import Provider

__all__ = ["CostMetrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class CostMetrics:
    """Counts what budgets decide."""

    def __init__(self, registry: CollectorRegistry, model: Callable[[str], str]) -> None:
        """Count in `registry`; `model` makes a label of a name that clients choose."""
        self._model = model
        self._blocked = series(
            Counter,
            registry,
            "cost_control_blocked_requests",
            "Requests that a budget refused",
            ("group_id",),
        )
        self._duration = series(
            Histogram,
            registry,
            "cost_control_enforcement_duration_seconds",
            "How long a request waited for its budgets",
            ("outcome",),
            buckets=_BUCKETS,
        )
        self._unpriced = series(
            Counter,
            registry,
            "cost_control_unpriced_token_usage_records",
            "Records of tokens whose model has no price",
            ("model", "provider", "provider_type"),
        )

    def enforced(self, outcome: str, seconds: float) -> None:
        """Hear what became of a request that budgets were asked about."""
        self._duration(outcome).observe(seconds)

    def blocked(self, group: str) -> None:
        """Hear of a request that a budget refused, that of `group` or none of a group."""
        self._blocked(group).inc()

    def unpriced(self, provider: Provider, model: str, count: int) -> None:
        """Hear of `count` records of tokens that cost nothing, as nobody knows their price."""
        self._unpriced(self._model(model), provider.name, provider.type).inc(count)
