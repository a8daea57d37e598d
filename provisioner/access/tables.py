"""The access file: what an organization writes about who may use what, and what it may cost."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from provisioner.spec.table import Table
from provisioner.spec.values import EnvName, Line, Name, Url

__all__ = [
    "AccessTables",
    "CapTable",
    "CellTable",
    "Dollars",
    "GatewayTable",
    "ModeName",
    "OrganizationTable",
    "PolicyTable",
    "PoolTable",
    "ProviderName",
    "SpentTable",
    "UsageTables",
]

ModeName = Literal["byok", "metered", "shared", "host-session", "local"]
ProviderName = Literal["local", "docker", "kubernetes", "e2b", "daytona", "modal", "vercel"]
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class OrganizationTable(Table):
    """The organization that pays."""

    name: Line | None = Field(default=None, description="its name, as usage is recorded for it")
    metered_enabled: bool = Field(
        default=False, description="whether the mode `metered` is switched on for it"
    )
    metered_keys: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="names of the providers for which the gateway holds a metered key, such as "
        "`codex`; never the keys themselves",
    )
    shared_daily_usd: Dollars | None = Field(
        default=None,
        description="US dollars that all together may spend in the mode `shared` on one day",
    )


class CellTable(Table):
    """What a policy says of one auth mode."""

    allowed: bool = Field(default=True, description="false forbids the mode")
    host: Name | None = Field(
        default=None, description="the only gateway for it, by its name under `gateways`"
    )
    model: Line | None = Field(default=None, description="the only model for it, by its model id")
    enforce: Literal["block", "warn"] | None = Field(
        default=None, description="`block` makes a cap that only warns stop the mode as well"
    )


class PolicyTable(Table):
    """One level's policy: it can only take away from what the levels above it leave."""

    level: Literal["system", "organization", "project"] = Field(description="whose policy it is")
    project: Line | None = Field(
        default=None, description="the project, for the level `project`; without it, every project"
    )
    workload: Line | None = Field(
        default=None,
        description="kind of work that this policy is for, beside the level's others; without it, "
        "all work",
    )
    auth_order: tuple[ModeName, ...] = Field(
        default=(), strict=False, description="modes to take first, in this order"
    )
    matrix: dict[Line, dict[ModeName, CellTable]] = Field(
        default={},
        description="model id, company or `*` → auth mode → what is said of it; the first of the "
        "three that says something counts, and what none mentions is allowed",
    )


class PoolTable(Table):
    """A capacity pool: where sessions can run."""

    provider: ProviderName = Field(description="what makes its machines")
    name: Name = Field(description="what it is called")
    active: bool = Field(default=True, description="whether it can be used now")
    provides: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="providers whose models its sessions can run, such as `codex`; without it, any",
    )


class CapTable(Table):
    """What one mode may spend in the pools of one provider, in US dollars."""

    mode: ModeName = Field(description="the auth mode")
    pool: ProviderName = Field(description="the provider of the pools")
    daily_usd: Dollars | None = Field(default=None, description="on one day")
    monthly_usd: Dollars | None = Field(default=None, description="in one month")
    session_usd: Dollars | None = Field(default=None, description="in one session")
    enforce: Literal["block", "warn"] = Field(
        default="block", description="what happens when it is spent"
    )


class GatewayTable(Table):
    """Where modes lead; the keys are those of a spec."""

    kind: Literal["coder", "langwatch", "auto-ai-router", "openai-compatible"] = Field(
        default="coder", description="what Codex talks to"
    )
    url: Url | None = Field(default=None, description="its URL, as in a spec")
    token_env: EnvName | None = Field(
        default=None, description="variable with the credential, where the kind leaves it open"
    )


class AccessTables(Table):
    """One access file."""

    organization: OrganizationTable = Field(
        default=OrganizationTable(), description="the organization that pays"
    )
    gateways: dict[Name, GatewayTable] = Field(
        default={},
        description="gateways by name: that of an auth mode, that of a host which policies pin, or "
        "`default`",
    )
    pool: tuple[PoolTable, ...] = Field(
        default=(), strict=False, description="capacity pools; without any, this machine alone"
    )
    cap: tuple[CapTable, ...] = Field(default=(), strict=False, description="what may be spent")
    policy: tuple[PolicyTable, ...] = Field(
        default=(), strict=False, description="policies of system, organization and projects"
    )


class SpentTable(Table):
    """What was spent on one day in one mode."""

    day: date = Field(description="the day")
    mode: ModeName = Field(description="the auth mode")
    pool: ProviderName = Field(description="provider of the pool")
    usd: Dollars = Field(description="US dollars")
    organization: Line | None = Field(default=None, description="whose; without it, everybody's")


class UsageTables(Table):
    """What was spent: made by whoever keeps the ledger."""

    spent: tuple[SpentTable, ...] = Field(default=(), strict=False, description="one row a day")
