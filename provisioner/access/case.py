"""One request, laid out for the steps that decide it: what each of them looks up is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from provisioner.access.auth_mode import PLACES, PREFERENCE, AuthMode, Place
from provisioner.access.catalog import Catalog, CatalogEntry
from provisioner.access.model import Access, Gateway, Request
from provisioner.access.policy import Asked, Policy, Verdict, policies_for, verdict
from provisioner.access.pool import Cap, Pool
from provisioner.access.usage import Spending, left_of_quota, left_under, spent
from provisioner.gateway_kinds import gateway_kind

__all__ = ["Case", "gateway_for"]

_DEFAULTS = {
    "default": Gateway("default", gateway_kind("coder")),
    # The address at which Codex's own `--oss` looks for a model server.
    AuthMode.LOCAL: Gateway(
        "local",
        gateway_kind("openai-compatible"),
        "http://127.0.0.1:11434/v1",
        "LOCAL_MODEL_API_KEY",
    ),
}


def gateway_for(gateways: Mapping[str, Gateway], mode: AuthMode, host: str) -> Gateway | None:
    """Return the gateway of a pinned host, of a mode, or the default one; None for no such host."""
    if host:
        return gateways.get(host)
    own = gateways.get(mode) or _DEFAULTS.get(mode)
    return own or gateways.get("default") or _DEFAULTS["default"]


@dataclass(frozen=True)
class Case:
    """A request and all that it is decided from."""

    access: Access
    catalog: Catalog
    request: Request
    entry: CatalogEntry
    """The model that is asked for, or what replaced it."""

    @cached_property
    def asked(self) -> Asked:
        """What the policies are asked."""
        return Asked(self.entry.model_id, self.entry.company, self.request.workload)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that apply, the widest first."""
        request = self.request
        return policies_for(self.access.policies, request.project, request.workload)

    @cached_property
    def verdicts(self) -> Mapping[AuthMode, Verdict]:
        """What the policies say of every mode."""
        provider = self.request.provider
        companies = {
            entry.model_id: entry.company
            for entry in self.catalog.entries.values()
            if entry.provider == provider
        }
        return {mode: verdict(self.policies, mode, self.asked, companies) for mode in PREFERENCE}

    @cached_property
    def order(self) -> tuple[AuthMode, ...]:
        """The modes in the order to take them: that of the narrowest policy with one, first."""
        orders = [policy.auth_order for policy in self.policies if policy.auth_order]
        return tuple(dict.fromkeys([*(orders[-1] if orders else ()), *PREFERENCE]))

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """The active pools that may be taken and can run the model."""
        wanted, provider = self.request.pool, self.request.provider
        return tuple(
            pool
            for pool in self.access.pools
            if pool.is_active
            and wanted in {"", pool.name, pool.provider}
            and (not pool.provides or provider in pool.provides)
        )

    def left_under(self, cap: Cap) -> Decimal | None:
        """Return what a new session may spend under `cap`; None without a limit."""
        so_far = spent(self._ledger, cap.mode, self.request.today, cap.provider)
        return left_under(cap, so_far)

    def left_of_quota(self) -> Decimal | None:
        """Return what is left of what all share today; None without a limit."""
        so_far = spent(self._ledger, AuthMode.SHARED, self.request.today)
        return left_of_quota(self.access.organization.shared_daily, so_far)

    @cached_property
    def _ledger(self) -> tuple[Spending, ...]:
        """What this organization has spent."""
        return tuple(row for row in self.request.ledger if self.is_counted(row))

    def is_counted(self, row: Spending) -> bool:
        """Say whether a row of the ledger is this organization's, or everybody's."""
        return row.organization in {"", self.access.organization.name}

    def places(self) -> frozenset[Place]:
        """Return where there is a pool."""
        return frozenset(pool.provider.place for pool in self.pools)

    def pools_for(self, mode: AuthMode) -> tuple[Pool, ...]:
        """Return the pools in which `mode` can run, whatever was spent there."""
        return tuple(pool for pool in self.pools if pool.provider.place in PLACES[mode])

    def caps_on(self, mode: AuthMode, pool: Pool, *, stopping: bool) -> tuple[Cap, ...]:
        """Return the caps of `mode` in `pool`: those that stop it, or those that only warn."""
        blocks = self.verdicts[mode].blocks
        return tuple(
            cap
            for cap in self.access.caps
            if (cap.mode, cap.provider) == (mode, pool.provider)
            and (blocks or not cap.warns_only) == stopping
        )

    def entry_for(self, mode: AuthMode) -> CatalogEntry | None:
        """Return the model that `mode` would use; None for one that is not in the catalog."""
        pinned = self.verdicts[mode].model
        if pinned == self.entry.model_id:
            return self.entry
        return self.catalog.entries.get(f"{self.request.provider}/{pinned}")

    def gateway_for(self, mode: AuthMode) -> Gateway | None:
        """Return the gateway that `mode` would go through; None for one that nobody has named."""
        return gateway_for(self.access.gateways, mode, self.verdicts[mode].host)
