"""Caps: what one mode may spend with one provider of pools."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal
from provisioner.access.pool import Cap, Pool

__all__ = ["cap_words", "flaws", "open_pools", "take_away", "warnings"]


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield the modes for which no pool is left."""
    for mode in left:
        if open_pools(case, mode):
            continue
        found = [flaw for pool in case.pools_for(mode) for flaw in flaws(case, mode, pool)]
        reasons = dict.fromkeys(reason for _, reason in found)
        yield Removal(mode, found[0][0], "; ".join(reasons))


def cap_words(cap: Cap) -> str:
    """Say that nothing is left of it."""
    return f"the cap of {cap.mode} in {cap.provider} pools is spent"


def open_pools(case: Case, mode: AuthMode) -> tuple[Pool, ...]:
    """Return the pools in which `mode` may still be used."""
    return tuple(pool for pool in case.pools_for(mode) if not any(flaws(case, mode, pool)))


def flaws(case: Case, mode: AuthMode, pool: Pool) -> Iterator[tuple[Denial, str]]:
    """Yield why `mode` may not be used in `pool`."""
    for cap in case.caps_on(mode, pool, stopping=True):
        yield from _flaw(case, cap)


def warnings(case: Case, mode: AuthMode, pool: Pool) -> Iterator[str]:
    """Yield what speaks against `mode` in `pool` and does not stop it."""
    for cap in case.caps_on(mode, pool, stopping=False):
        yield from (f"{reason}; that cap only warns" for _, reason in _flaw(case, cap))


def _flaw(case: Case, cap: Cap) -> Iterator[tuple[Denial, str]]:
    entry = case.entry_for(cap.mode)
    if case.left_under(cap) == 0:
        yield Denial.CAPACITY_CAP_EXCEEDED, cap_words(cap)
    elif entry is not None and entry.price is None:
        reason = f'the cap of {cap.mode} cannot be kept: the catalog has no price for "{entry.id}"'
        yield Denial.PRICE_UNKNOWN, reason
