"""Capacity pools: where sessions can run, and how much one may spend there."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

from provisioner.access.auth_mode import AuthMode, Place

__all__ = ["THIS_MACHINE", "Cap", "Pool", "PoolProvider"]


class PoolProvider(enum.StrEnum):
    """What makes the machines of a pool (rensei.ai, August 2026)."""

    LOCAL = "local"
    """This machine, with what its user is logged in to."""
    DOCKER = "docker"
    """Containers."""
    KUBERNETES = "kubernetes"
    """Pods of a cluster."""
    E2B = "e2b"
    """Sandboxes of E2B."""
    DAYTONA = "daytona"
    """Workspaces of Daytona."""
    MODAL = "modal"
    """Sandboxes of Modal."""
    VERCEL = "vercel"
    """Sandboxes of Vercel."""

    @property
    def place(self) -> Place:
        """Where its sessions run; a container sees none of the logins around it."""
        return Place.LOCAL if self is PoolProvider.LOCAL else Place.CLOUD


@dataclass(frozen=True, slots=True)
class Pool:
    """One capacity pool."""

    name: str
    provider: PoolProvider
    is_active: bool = True
    provides: frozenset[str] = frozenset()
    """Providers whose models its sessions can run; empty for any."""


@dataclass(frozen=True, slots=True)
class Cap:
    """The most US dollars that one auth mode may spend with one provider of pools."""

    mode: AuthMode
    provider: PoolProvider
    daily: Decimal | None = None
    monthly: Decimal | None = None
    session: Decimal | None = None
    warns_only: bool = False
    """Whether it stops nothing, unless a policy says that it does."""


THIS_MACHINE = Pool("this-machine", PoolProvider.LOCAL)
"""The pool of an organization that names none."""
