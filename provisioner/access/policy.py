"""Access policies: system, organization, project; each may only take away from those above it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.access.auth_mode import AuthMode

__all__ = [
    "ANY",
    "Asked",
    "Cell",
    "Level",
    "Policy",
    "Verdict",
    "is_mode_allowed",
    "policies_for",
    "verdict",
]

ANY = "*"


class Level(enum.StrEnum):
    """Whose policy it is, the widest first."""

    SYSTEM = "system"
    """Whoever runs the platform."""
    ORGANIZATION = "organization"
    """The company."""
    PROJECT = "project"
    """One project of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a policy says of one auth mode, for a model, a company or all."""

    allowed: bool = True
    host: str = ""
    """The only gateway this mode may go through; empty for any."""
    model: str = ""
    """The only model this mode may use; empty for any."""
    enforce: str = ""
    """`block` makes even a cap that would only warn stop the mode; `warn` leaves it to the cap."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One level's policy, for all work or for one kind of it."""

    level: Level
    matrix: Mapping[str, Mapping[AuthMode, Cell]] = field(default_factory=dict)
    """Model, company or `*` → auth mode → cell."""
    auth_order: tuple[AuthMode, ...] = ()
    """The modes to take first; empty for the default order."""
    project: str = ""
    workload: str = ""
    """The kind of work it is for, beside the level's other policies; empty for all."""

    def cell(self, mode: AuthMode, model: str, company: str) -> Cell | None:
        """Return the cell of the model, its company or all; None where nothing is said."""
        rows = (self.matrix.get(key, {}) for key in (model, company, ANY))
        return next((row[mode] for row in rows if mode in row), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a session asks of the policies."""

    model: str
    company: str
    workload: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all policies together say of one mode; `denied_by` is None where it may be used."""

    denied_by: Level | None
    reason: str
    host: str
    model: str
    """The model to use: the one asked for, or the one it is pinned to."""
    blocks: bool
    """Whether every cap stops the mode, even one that would only warn."""


def policies_for(
    policies: tuple[Policy, ...], project: str = "", workload: str = ""
) -> tuple[Policy, ...]:
    """Return the policies that a session of `project` and `workload` is under, the widest first.

    Those for one project or one kind of work count beside the level's others, never in their place:
    a session says itself what it is for, and must not get more by saying so.
    """
    found = (p for p in policies if p.project in {"", project} and p.workload in {"", workload})
    levels = list(Level)
    return tuple(
        sorted(found, key=lambda p: (levels.index(p.level), bool(p.project), bool(p.workload)))
    )


def is_mode_allowed(policies: Iterable[Policy], mode: AuthMode, asked: Asked) -> bool:
    """Say whether no policy forbids `mode` for what is asked."""
    return verdict(tuple(policies), mode, asked, {asked.model: asked.company}).denied_by is None


def verdict(
    policies: tuple[Policy, ...], mode: AuthMode, asked: Asked, companies: Mapping[str, str]
) -> Verdict:
    """Return what `policies` say of `mode`; `companies` tells the company of a pinned model.

    A pin is a limit like any other: the model it leads to has to be allowed at every level too, and
    levels that pin different things leave nothing. So no order of levels allows what another does
    not, and one more level never allows more.
    """
    found = _cells(policies, mode, asked.model, asked.company)
    refused = _refusal(found, asked.model)
    pinned = next((cell.model for _, cell in found if cell.model), asked.model)
    if refused is None and pinned != asked.model:
        company = companies.get(pinned, asked.company)
        found += _cells(policies, mode, pinned, company)
        refused = _refusal(found, pinned)
    host = next((cell.host for _, cell in found if cell.host), "")
    blocks = any(cell.enforce == "block" for _, cell in found)
    level, reason = refused or (None, "")
    return Verdict(level, reason, host, pinned, blocks)


def _cells(
    policies: tuple[Policy, ...], mode: AuthMode, model: str, company: str
) -> list[tuple[Policy, Cell]]:
    pairs = ((policy, policy.cell(mode, model, company)) for policy in policies)
    return [(policy, cell) for policy, cell in pairs if cell is not None]


def _refusal(found: list[tuple[Policy, Cell]], model: str) -> tuple[Level, str] | None:
    """Return the first level that leaves nothing, and why; None where something is left."""
    pins: dict[str, str] = {}
    for policy, cell in found:
        if not cell.allowed:
            return policy.level, f'it forbids the mode for "{model}"'
        for what, value in (("model", cell.model), ("host", cell.host)):
            if value and pins.setdefault(what, value) != value:
                reason = f'it pins the {what} "{value}", where another policy pins "{pins[what]}"'
                return policy.level, reason
    return None
