"""What is metered: the organization has to be entitled, and to have a key for the provider.

The words are those of rensei.ai, August 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.access.auth_mode import AuthMode
from provisioner.access.case import Case
from provisioner.access.denial import Denial
from provisioner.access.model import Removal

__all__ = ["not_entitled", "without_key"]


def not_entitled(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield `metered` where the organization's switch is off."""
    if AuthMode.METERED in left and not case.access.organization.metered_enabled:
        reason = "Organisation is not entitled to use metered auth mode"
        yield Removal(AuthMode.METERED, Denial.METERED_NOT_ENTITLED, reason)


def without_key(case: Case, left: tuple[AuthMode, ...]) -> Iterator[Removal]:
    """Yield `metered` where there is no key for the provider of the model."""
    provider = case.request.provider
    if AuthMode.METERED in left and provider not in case.access.organization.metered_keys:
        reason = f"No metered key is configured for provider '{provider}'"
        yield Removal(AuthMode.METERED, Denial.METERED_KEY_MISSING, reason)
