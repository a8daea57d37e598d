"""What access is decided from, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from provisioner.access.auth_mode import AuthMode
from provisioner.access.catalog import CODEX, CatalogEntry
from provisioner.access.denial import Denial
from provisioner.access.policy import Policy
from provisioner.access.pool import THIS_MACHINE, Cap, Pool
from provisioner.access.profile import Profile
from provisioner.access.usage import Spending
from provisioner.flows.base import Flow
from provisioner.gateway_kinds.base import GatewayKind
from provisioner.knowledge.version import Version

__all__ = [
    "Access",
    "Denied",
    "Gateway",
    "Organization",
    "Outcome",
    "Removal",
    "Request",
    "Resolved",
    "Step",
]


@dataclass(frozen=True, slots=True)
class Organization:
    """Who pays for what is metered and shared."""

    name: str = ""
    metered_enabled: bool = False
    metered_keys: frozenset[str] = frozenset()
    """Providers for which the gateway holds a key that is metered."""
    shared_daily: Decimal | None = None
    """US dollars that all together may spend in the mode `shared` on one day; None for any."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that modes lead to, as a spec names it."""

    name: str
    kind: GatewayKind
    url: str = ""
    token_env: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that an access file says."""

    organization: Organization = field(default_factory=Organization)
    policies: tuple[Policy, ...] = ()
    pools: tuple[Pool, ...] = (THIS_MACHINE,)
    caps: tuple[Cap, ...] = ()
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    """By name: that of an auth mode, that of a host which policies pin, or `default`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a session asks for, and what is true when it does."""

    profile: Profile
    """A complete one."""
    codex: Version
    today: date
    project: str = ""
    workload: str = ""
    mode: AuthMode | None = None
    """The mode to take if it is left at the end."""
    pool: str = ""
    """Name or provider of the only pool to look at; empty for all."""
    ledger: tuple[Spending, ...] = ()

    @property
    def provider(self) -> str:
        """Provider of the model."""
        return self.profile.provider or CODEX


@dataclass(frozen=True, slots=True)
class Removal:
    """One mode that one step took away."""

    mode: AuthMode
    code: Denial
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did."""

    name: str
    question: str
    removed: tuple[Removal, ...]
    left: tuple[AuthMode, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """Access: one value for everything that a session needs to know."""

    mode: AuthMode
    entry: CatalogEntry
    pool: Pool
    gateway: Gateway
    flow: Flow
    effort: str
    """What Codex is told; empty to leave it to Codex and the model."""
    service_tier: str
    """What the profile says: `auto`, `fast` or `flex`."""
    codex_service_tier: str
    """What stands in Codex's configuration for it; empty for nothing."""
    context_window: int | None
    """The override of the profile, or the window of the catalog where Codex knows none."""
    spend_at_most: Decimal | None
    """US dollars that caps and quota leave for this session; None for no limit."""
    codex: Version
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """No access; `code` and `message` are those of what took the last mode away."""

    code: Denial
    message: str
    steps: tuple[Step, ...]


Outcome = Resolved | Denied
