"""Access files, catalogs and requests for tests, from the few words that matter to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.catalog import Catalog, CatalogEntry
from provisioner.access.model import Access, Outcome, Request
from provisioner.access.policy import Cell, Level, Policy
from provisioner.access.pool import Pool, PoolProvider
from provisioner.access.profile import Profile
from provisioner.access.resolve import resolve_access
from provisioner.knowledge.models import Price
from provisioner.knowledge.version import Version

__all__ = [
    "BOTH_PLACES",
    "CATALOG",
    "CODEX",
    "TODAY",
    "forbidding",
    "policy",
    "request",
    "resolved",
]

CODEX = Version.parse("0.169.0")
TODAY = date(2026, 8, 22)
BOTH_PLACES = (Pool("desk", PoolProvider.LOCAL), Pool("cluster", PoolProvider.KUBERNETES))
_PRICE = Price(input=1.0, cached_input=0.1, output=10.0, source="a test")


def _entry(model_id: str, company: str, **more: Any) -> CatalogEntry:
    return CatalogEntry("codex", model_id, model_id, company=company, price=_PRICE, **more)


CATALOG = Catalog(
    {
        entry.id: entry
        for entry in (
            _entry("large", "acme"),
            _entry("small", "acme"),
            _entry("other", "rival"),
            _entry("dated", "acme", deprecated=True, replaced_by="codex/small"),
        )
    }
)


def policy(
    level: Level, matrix: Mapping[str, Mapping[str, Mapping[str, Any]]], **more: Any
) -> Policy:
    """Return a policy from plain words: row → mode → what the cell says."""
    cells = {
        row: {AuthMode(mode): Cell(**said) for mode, said in modes.items()}
        for row, modes in matrix.items()
    }
    return Policy(level, cells, **more)


def forbidding(level: Level, modes: Iterable[AuthMode]) -> Policy:
    """Return a policy that forbids `modes` for everything."""
    return Policy(level, {"*": {mode: Cell(allowed=False) for mode in modes}})


def request(modes: Iterable[AuthMode] | None = PREFERENCE, **more: Any) -> Request:
    """Return a request for the model `large` by a profile that takes `modes`."""
    taken = None if modes is None else tuple(modes)
    profile = Profile("test", model_id="large", auth_modes=taken)
    return Request(**{"profile": profile, "codex": CODEX, "today": TODAY, **more})


def resolved(access: Access, asked: Request) -> Outcome:
    """Return what comes of it with the catalog above."""
    return resolve_access(access, CATALOG, asked)
