"""The steps of a resolution: what each asks, and in which order.

A step only takes modes away. The one that takes the last says why access is denied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.model import Removal
from provisioner.access.policy import Level
from provisioner.access.steps import (
    capacity,
    caps,
    gateway,
    metered,
    offered,
    pinned,
    policies,
    profile,
    shared,
)

__all__ = ["STEPS", "StepKind", "TakesAway"]

TakesAway = Callable[[Case, tuple[AuthMode, ...]], Iterator[Removal]]


@dataclass(frozen=True, slots=True)
class StepKind:
    """One step: its name, what it asks, and what it does about it."""

    name: str
    question: str
    take_away: TakesAway


STEPS = (
    StepKind("system-policy", "what the system's policy forbids", policies.of(Level.SYSTEM)),
    StepKind(
        "organization-policy",
        "what the organization's policy forbids",
        policies.of(Level.ORGANIZATION),
    ),
    StepKind("project-policy", "what the project's policy forbids", policies.of(Level.PROJECT)),
    StepKind("profile", "what the profile does not take", profile.take_away),
    StepKind("offered", "how the model cannot be had", offered.take_away),
    StepKind("pinned-model", "what a pinned model cannot do", pinned.take_away),
    StepKind("entitlement", "what needs a switch of the organization", metered.not_entitled),
    StepKind("metered-key", "what needs a key that is metered", metered.without_key),
    StepKind("local-capacity", "what needs this machine", capacity.without_local_pool),
    StepKind("cloud-capacity", "what needs a cloud", capacity.without_cloud_pool),
    StepKind("capacity", "what needs a pool at all", capacity.without_any_pool),
    StepKind("gateway", "what the gateway has no flow for", gateway.take_away),
    StepKind("shared-quota", "what all have used up today", shared.take_away),
    StepKind("caps", "what has been spent in every pool", caps.take_away),
)
"""Policies first, as nothing may be learnt of what they hide; what costs money last."""
