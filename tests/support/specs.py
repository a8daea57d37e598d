"""Specs and plans for tests, from the few words that matter to each."""

from __future__ import annotations

from typing import Any

from provisioner.plan.model import Plan
from provisioner.plan.resolve import resolve
from provisioner.spec.models import Spec

__all__ = ["FLOW_NAMES", "plan_for"]

FLOW_NAMES = ("centralized", "byok", "chatgpt")


def plan_for(flow: str, **tables: Any) -> Plan:
    """Return the plan of a spec with `flow` and the given tables."""
    return resolve(Spec.model_validate({"flow": flow, **tables}))
