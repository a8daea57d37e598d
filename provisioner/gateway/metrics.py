"""Records in, counters for Prometheus out, with the names of Coder's AI Gateway.

Coder renamed its metrics from one prefix to the other and tells both for some releases; so do we.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from provisioner.gateway.cost_metrics import CostMetrics
from provisioner.gateway.metric_series import series
from provisioner.gateway.providers import Provider
from provisioner.gateway.record.model import (
    InterceptionEnd,
    InterceptionStart,
    Outcome,
    Record,
    TokenUsage,
)
from provisioner.gateway.upstream_metrics import UpstreamMetrics

__all__ = ["CONTENT_TYPE", "Metrics", "count_together", "worker_ended"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_OLD_PREFIX = "coder_aibridged_"
_PREFIXES = (_OLD_PREFIX, "coder_ai_gateway_")
# Came after the change of names.
_LATER = "cost_control_"
_BUCKETS = (0.5, 2, 5, 15, 30, 60, 120)
_METHOD = "POST"
_WHO_AND_TYPE = ("provider", "model", "type", "initiator_id", "client")
_WHO = ("provider", "model", "initiator_id", "client")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# A model is what a client says: beyond this many series of one metric, the rest is "other".
_MOST_MODELS = 500
_LONGEST = 128
_RELOADS = (
    "providers_last_reload_timestamp_seconds",
    "providers_last_reload_success_timestamp_seconds",
)


class _Running(Struct, frozen=True):
    start: InterceptionStart
    model: str
    route: str


def count_together(folder: Path, worker: int) -> None:
    """Keep what this process counts in `folder`, as the worker of that number.

    A worker that takes the place of a dead one goes on with its counts. Call it before there are
    any `Metrics`.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call]


def worker_ended(folder: Path, worker: int) -> None:
    """Forget what runs in that worker: nothing does any more."""
    mark_process_dead(worker, str(folder))  # type: ignore[no-untyped-call]


class Metrics:
    """Counts what a gateway does; use it on one event loop."""

    def __init__(
        self,
        shared: Path | None = None,
        providers: Iterable[Provider] = (),
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Start at zero; `shared` is the folder in which several workers count together.

        `providers` are served at first; `catch_up` has everything seen that happened.
        """
        self._shared, self._catch_up = shared, catch_up
        self._registry = registry = CollectorRegistry(auto_describe=False)
        self._models: set[str] = set()
        self._running: dict[str, _Running] = {}
        counter = partial(series, Counter, registry)
        self._total = counter(
            "interceptions",
            "Interceptions that ended",
            ("provider", "model", "status", "route", "method", "initiator_id", "client"),
        )
        self._inflight = series(
            Gauge,
            registry,
            "interceptions_inflight",
            "Interceptions that run",
            ("provider", "model", "route"),
            multiprocess_mode="livesum",
        )
        self._duration = series(
            Histogram,
            registry,
            "interceptions_duration_seconds",
            "From the start of an interception to its end",
            ("provider", "model"),
            buckets=_BUCKETS,
        )
        self._passthrough = counter(
            "passthrough",
            "Requests that were sent on without a record",
            ("provider", "route", "method"),
        )
        self._prompts = counter("prompts", "Prompts of humans", _WHO)
        self._tokens = counter("tokens", "Tokens by type", _WHO_AND_TYPE)
        self._injected = counter(
            "injected_tool_invocations",
            "Calls of tools that a gateway put in",
            ("provider", "model", "server", "name"),
        )
        self._tools = counter(
            "non_injected_tool_selections",
            "Tool calls that a model asked the client for",
            ("provider", "model", "name"),
        )
        self.upstreams = UpstreamMetrics(registry, self._model)
        """What counts circuits and keys."""
        self.costs = CostMetrics(registry, self._model)
        """What counts what budgets do."""
        self._reloads = _reloads(registry)
        self._known = _Providers()
        self.see_providers(providers)

    def see_providers(self, providers: Iterable[Provider], *, are_all: bool = True) -> None:
        """Take note of the `providers` that are served from now on.

        They `are_all` unless some could not be read.
        """
        served = tuple(providers)
        self._known.providers = served
        self.upstreams.watch({entry.name: entry.keys for entry in served if entry.keys is not None})
        for gauge in self._reloads if are_all else self._reloads[:1]:
            gauge.set_to_current_time()

    def see(self, record: Record) -> None:
        """Count `record`."""
        if isinstance(record, InterceptionStart):
            running = _Running(record, self._model(record.model), record.route)
            self._running[record.id] = running
            self._inflight(record.provider, running.model, record.route).inc()
        else:
            running_or_none = self._running.pop(record.id, None)
            if running_or_none is not None:
                self._ended(running_or_none, record)

    def see_passthrough(self, provider: str, route: str, method: str) -> None:
        """Count a request that is not recorded; `route` is one of few, whatever is asked for."""
        method = method if method in _METHODS else "OTHER"
        self._passthrough(provider, route, method).inc()

    def text(self, blocked_users: Mapping[str, int]) -> bytes:
        """Return all metrics in the text form of Prometheus, under each prefix that they have.

        `blocked_users` have spent a budget of theirs, by the group that it is of.
        """
        self._catch_up()
        counted: Collector = self._registry
        if self._shared is not None:
            counted = MultiProcessCollector(None, str(self._shared))  # type: ignore[no-untyped-call]
        blocked = _BlockedUsers(blocked_users)
        return generate_latest(_Renamed(counted, self._known, self.upstreams, blocked))

    def _ended(self, running: _Running, end: InterceptionEnd) -> None:
        start, model = running.start, running.model
        provider, user, client = start.provider, start.initiator_id or start.initiator, start.client
        status = "completed" if end.outcome is Outcome.COMPLETED else "failed"
        self._inflight(provider, model, running.route).dec()
        self._total(provider, model, status, running.route, _METHOD, user, client).inc()
        spent = (end.ended_at - start.started_at).total_seconds()
        self._duration(provider, model).observe(max(spent, 0.0))
        if end.prompts:
            self._prompts(provider, model, user, client).inc(len(end.prompts))
        for usage in end.token_usage:
            for kind, count in _counts(usage):
                if count:
                    self._tokens(provider, model, kind, user, client).inc(count)
        for tool in end.tools:
            name = self._model(tool.tool)
            if tool.injected:
                self._injected(provider, model, tool.server_url or "", name).inc()
            else:
                self._tools(provider, model, name).inc()

    def _model(self, name: str) -> str:
        """Return `name` as a label; clients must not be able to fill the memory with new ones."""
        name = name[:_LONGEST].encode(errors="replace").decode()
        if name not in self._models:
            if len(self._models) >= _MOST_MODELS:
                return "other"
            self._models.add(name)
        return name


def _reloads(registry: CollectorRegistry) -> Sequence[Gauge]:
    text = "When providers were read"
    return [Gauge(n, text, registry=registry, multiprocess_mode="livemax") for n in _RELOADS]


class _Providers(Collector):
    """Which providers there are."""

    def __init__(self) -> None:
        self.providers: tuple[Provider, ...] = ()

    def collect(self) -> Iterable[Metric]:
        family = Metric("provider_info", "Providers that are configured", "gauge")
        for provider in self.providers:
            name, kind = provider.name, provider.type
            status = "enabled" if provider.enabled else "disabled"
            labels = {"provider_name": name, "provider_type": kind, "status": status}
            family.add_sample("provider_info", labels, 1)
        yield family


class _BlockedUsers(Collector):
    """How many users have spent a budget, for all gateways on the database."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        name = "cost_control_blocked_users"
        family = Metric(name, "Users who have spent a budget that blocks", "gauge")
        for group, count in self._counts.items():
            family.add_sample(name, {"group_id": group}, count)
        yield family


class _Renamed(Collector):
    """What several collectors have, under each prefix."""

    def __init__(self, *collectors: Collector) -> None:
        self._collectors = collectors

    def collect(self) -> Iterable[Metric]:
        families = [family for collector in self._collectors for family in collector.collect()]
        for prefix in _PREFIXES:
            for family in families:
                if family.name.startswith(_LATER) and prefix == _OLD_PREFIX:
                    continue
                renamed = Metric(prefix + family.name, family.documentation, family.type)
                renamed.samples = [
                    Sample(prefix + sample.name, *sample[1:])
                    for sample in family.samples
                    # When a series began is no metric of Coder's.
                    if not sample.name.endswith("_created")
                ]
                yield renamed


def _counts(usage: TokenUsage) -> Iterable[tuple[str, int]]:
    return (
        ("input", usage.input),
        ("output", usage.output),
        ("cache_read_input", usage.cache_read),
        ("cache_write_input", usage.cache_write),
    )
