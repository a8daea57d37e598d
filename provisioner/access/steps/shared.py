"""What all share: a quota in US dollars for every day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["quota_words", "take_away"]


def quota_words(quota: Decimal) -> str:
    """Say that nothing is left of it."""
    return f"today's shared quota of {quota} US dollars is used up"


def take_away(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield `shared` when the quota is used up, or cannot be kept."""
    quota = case.access.organization.shared_daily
    if AuthMode.SHARED not in left or quota is None:
        return
    entry = case.entry_for(AuthMode.SHARED)
    if case.left_of_quota() == 0:
        yield Removal(AuthMode.SHARED, Denial.SHARED_QUOTA_EXCEEDED, quota_words(quota))
    elif entry is not None and entry.price is None:
        reason = f'the quota of shared cannot be kept: the catalog has no price for "{entry.id}"'
        yield Removal(AuthMode.SHARED, Denial.PRICE_UNKNOWN, reason)
