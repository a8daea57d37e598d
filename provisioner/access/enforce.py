"""A model and an auth mode that are asked of a gateway → why it must refuse them, or nothing.

A gateway sees requests, not sessions: neither profile nor pools. What those decide was decided when
the session was resolved; what a session must not get around is asked again, of the same steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.catalog import CODEX, Catalog, CatalogEntry
from provisioner.access.denial import Denial
from provisioner.access.model import Access, Removal, Request
from provisioner.access.pool import Cap, Pool, PoolProvider
from provisioner.access.profile import Profile
from provisioner.access.steps import STEPS
from provisioner.access.steps.caps import flaws
from provisioner.knowledge.codex import newest_codex
from provisioner.knowledge.models import Price

__all__ = ["Enforced", "Place", "Ruling"]

_STEPS = frozenset(
    {
        "system-policy",
        "organization-policy",
        "project-policy",
        "offered",
        "entitlement",
        "metered-key",
        "shared-quota",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests come from, as far as their gateway knows."""

    pool: PoolProvider
    """What makes the machines that its sessions run on."""
    host: str = ""
    """The gateway's own name among those of the access file, if a policy pins one."""
    workload: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for one mode, model and project, whatever was spent."""

    removal: Removal | None = None
    """Why the mode may not be used; None where it may."""
    caps: tuple[Cap, ...] = ()
    """Those that stop it once they are spent."""


class Enforced:
    """What an access file says to one gateway; nothing in it changes with time."""

    def __init__(self, access: Access, catalog: Catalog, place: Place) -> None:
        """Hold requests of `place` to `access`, whose models are those of `catalog`."""
        self.access = access
        self.place = place
        self._catalog = catalog
        self._known: dict[tuple[AuthMode, str, str], Ruling] = {}

    def ruling(self, mode: AuthMode, model: str, project: str) -> Ruling:
        """Return what holds for `model` in `mode`, asked for `project`."""
        entry = self._entry(model)
        if entry is None:
            # What no policy can be asked about cannot be let through either.
            reason = f'model not in catalog: "{model[:100]}"'
            return Ruling(Removal(mode, Denial.MODEL_NOT_IN_CATALOG, reason))
        key = mode, entry.id, project
        if key not in self._known:
            case = self._case(entry, project)
            caps = case.caps_on(mode, self._pool, stopping=True)
            self._known[key] = Ruling(self._removal(case, mode), caps)
        return self._known[key]

    def _entry(self, model: str) -> CatalogEntry | None:
        """Return the entry of what a provider calls `model`, which an id is not."""
        entry = self._catalog.entries.get(f"{CODEX}/{model}") or self._catalog.find(model)
        return entry if entry is not None and entry.model_id == model else None

    @property
    def own_prices(self) -> Mapping[str, Price]:
        """The prices by model that the organization's catalog has, and nobody else."""
        every = self._catalog.entries.values()
        return {one.model_id: one.price for one in every if one.price and not one.built_in}

    @property
    def _pool(self) -> Pool:
        return Pool("", self.place.pool)

    def _removal(self, case: Case, mode: AuthMode) -> Removal | None:
        for kind in STEPS:
            if kind.name in _STEPS:
                for removal in kind.take_away(case, (mode,)):
                    return removal
        said, model = case.verdicts[mode], case.entry.model_id
        if said.model != model:
            words = f'a policy pins {mode} to model "{said.model}", and not "{model}"'
            return Removal(mode, Denial.ACCESS_DENIED, f"access denied: {words}")
        if said.host and said.host != self.place.host:
            words = f'a policy pins {mode} to host "{said.host}", which this gateway is not'
            return Removal(mode, Denial.ACCESS_DENIED, f"access denied: {words}")
        for code, reason in flaws(case, mode, self._pool):
            return Removal(mode, code, reason)
        return None

    def _case(self, entry: CatalogEntry, project: str) -> Case:
        request = Request(
            profile=Profile("", provider=entry.provider, model_id=entry.model_id),
            codex=newest_codex(),
            today=date.min,
            project=project,
            workload=self.place.workload,
        )
        return Case(self.access, self._catalog, request, entry)
