"""Text of an access, catalog, profile or usage file → what it says, or findings at its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pydantic import BaseModel

from provisioner.access.auth_mode import AuthMode
from provisioner.access.catalog import Catalog, CatalogEntry, Effort
from provisioner.access.catalog_tables import CatalogTables, EntryTable, PricingTable
from provisioner.access.file_flaws import (
    access_flaws,
    catalog_flaws,
    profile_flaws,
    usage_flaws,
)
from provisioner.access.model import Access, Gateway, Organization
from provisioner.access.policy import Cell, Level, Policy
from provisioner.access.pool import THIS_MACHINE, Cap, Pool, PoolProvider
from provisioner.access.profile import Profile, Scope
from provisioner.access.profile_tables import ProfileTable, ProfileTables
from provisioner.access.tables import AccessTables, CapTable, PolicyTable, UsageTables
from provisioner.access.usage import Spending
from provisioner.errors import FindingsError
from provisioner.finding import CheckResult, Finding
from provisioner.gateway_kinds import gateway_kind
from provisioner.knowledge.models import Price
from provisioner.spec.read_tables import read_tables
from provisioner.syntax.toml_document import TomlDocument

__all__ = ["read_access", "read_catalog", "read_profiles", "read_usage"]

_Tables = TypeVar("_Tables", bound=BaseModel)


def read_access(text: str, path: str, catalog: Catalog | None = None) -> Access:
    """Return what an access file says; raises `FindingsError` when it is wrong.

    `catalog` has the models that its policies may be about; without one, those Codex knows.
    """
    flaws = partial(access_flaws, catalog=catalog or Catalog.of())
    tables = _read(AccessTables, text, path, flaws)
    given = tables.organization
    organization = Organization(
        name=given.name or "",
        metered_enabled=given.metered_enabled,
        metered_keys=frozenset(given.metered_keys),
        shared_daily=_exact(given.shared_daily_usd),
    )
    gateways = {
        name: Gateway(name, gateway_kind(row.kind), row.url or "", row.token_env or "")
        for name, row in tables.gateways.items()
    }
    pools = tuple(
        Pool(row.name, PoolProvider(row.provider), row.active, frozenset(row.provides))
        for row in tables.pool
    )
    return Access(
        organization=organization,
        policies=tuple(map(_policy, tables.policy)),
        pools=pools or (THIS_MACHINE,),
        caps=tuple(map(_cap, tables.cap)),
        gateways=gateways,
    )


def read_catalog(text: str, path: str) -> tuple[CatalogEntry, ...]:
    """Return the entries of a catalog file; raises `FindingsError` when it is wrong."""
    return tuple(map(_entry, _read(CatalogTables, text, path, catalog_flaws).model))


def read_profiles(text: str, path: str) -> tuple[Profile, ...]:
    """Return the profiles of a profile file; raises `FindingsError` when it is wrong."""
    return tuple(map(_profile, _read(ProfileTables, text, path, profile_flaws).profile))


def read_usage(text: str, path: str) -> tuple[Spending, ...]:
    """Return the rows of a usage file; raises `FindingsError` when it is wrong."""
    return tuple(
        Spending(
            day=row.day,
            mode=AuthMode(row.mode),
            provider=PoolProvider(row.pool),
            dollars=Decimal(str(row.usd)),
            organization=row.organization or "",
        )
        for row in _read(UsageTables, text, path, usage_flaws).spent
    )


def _read(
    model: type[_Tables],
    text: str,
    path: str,
    flaws: Callable[[_Tables, TomlDocument, str], Iterator[Finding]],
) -> _Tables:
    tables, findings = read_tables(model, text, path, flaws)
    if tables is None:
        raise FindingsError(CheckResult(findings, (path,), sources={path: text}))
    return tables


def _policy(row: PolicyTable) -> Policy:
    matrix = {
        key: {
            AuthMode(mode): Cell(
                cell.allowed, cell.host or "", cell.model or "", cell.enforce or ""
            )
            for mode, cell in cells.items()
        }
        for key, cells in row.matrix.items()
    }
    return Policy(
        level=Level(row.level),
        matrix=matrix,
        auth_order=tuple(map(AuthMode, row.auth_order)),
        project=row.project or "",
        workload=row.workload or "",
    )


def _cap(row: CapTable) -> Cap:
    return Cap(
        mode=AuthMode(row.mode),
        provider=PoolProvider(row.pool),
        daily=_exact(row.daily_usd),
        monthly=_exact(row.monthly_usd),
        session=_exact(row.session_usd),
        warns_only=row.enforce == "warn",
    )


def _entry(row: EntryTable) -> CatalogEntry:
    efforts = (
        Effort(item.value, item.label or item.value, item.provider_param or item.value)
        for item in row.efforts
    )
    return CatalogEntry(
        provider=row.provider,
        model_id=row.model_id,
        display_name=row.display_name or row.model_id,
        description=row.description or "",
        company=row.company,
        deprecated=row.deprecated,
        replaced_by=row.replaced_by or "",
        efforts=tuple(efforts),
        auth_modes=tuple(map(AuthMode, row.auth_modes)),
        context_window=row.context_window,
        capability_tags=row.capability_tags,
        price=_price(row.pricing) if row.pricing else None,
    )


def _price(row: PricingTable) -> Price:
    cached, thought = row.cached_input_per_mtoken_cents, row.reasoning_per_mtoken_cents
    return Price(
        input=_dollars(row.input_per_mtoken_cents),
        cached_input=_dollars(row.input_per_mtoken_cents if cached is None else cached),
        output=_dollars(row.output_per_mtoken_cents),
        source="the organization's catalog",
        reasoning=None if thought is None else _dollars(thought),
    )


def _profile(row: ProfileTable) -> Profile:
    modes = row.auth_modes
    return Profile(
        name=row.name,
        scope=Scope(row.scope),
        key=row.key,
        based_on=row.based_on or "",
        provider=row.provider,
        model_id=row.model_id,
        auth_modes=None if modes is None else tuple(map(AuthMode, modes)),
        effort=row.effort,
        service_tier=row.service_tier,
        context_window=row.context_window,
    )


def _dollars(cents: float) -> float:
    """Return dollars without the error that dividing binary fractions makes."""
    return float(Decimal(str(cents)) / 100)


def _exact(dollars: float | None) -> Decimal | None:
    """Return the amount as it was written."""
    return None if dollars is None else Decimal(str(dollars))
