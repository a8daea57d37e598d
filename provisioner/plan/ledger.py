"""Collects decisions while they are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioner.plan.model import Decision

__all__ = ["Ledger", "origin"]


@dataclass(slots=True)
class Ledger:
    """The decisions so far."""

    decisions: list[Decision] = field(default_factory=list)

    def note(self, what: str, value: str, origin: str, why: str) -> str:
        """Keep a decision and return its value."""
        self.decisions.append(Decision(what, value, origin, why))
        return value


def origin(table: object, key: str) -> str:
    """Say where the value of a key comes from: `spec`, or `default` where the spec has none."""
    return "spec" if key in getattr(table, "model_fields_set", ()) else "default"
