"""A kind of metric and its labels in, what finds one of its series out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

__all__ = ["series"]

Kind = TypeVar("Kind", bound=MetricWrapperBase)


def series(
    kind: Callable[..., Kind],
    registry: CollectorRegistry,
    name: str,
    text: str,
    labels: tuple[str, ...],
    **more: object,
) -> Callable[..., Kind]:
    """Return what finds a series of a new metric by its labels.

    Each is looked up once: that takes a lock and makes text of all labels.
    """
    return cache(kind(name, text, labels, registry=registry, **more).labels)
