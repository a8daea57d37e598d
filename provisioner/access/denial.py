"""Why access is denied: a code that scripts compare, and words that people read.

Codes and words that rensei.ai has are its own (August 2026): the rest are ours.
"""

from __future__ import annotations

import enum

from provisioner.access.auth_mode import AuthMode
from provisioner.access.policy import Asked, Level

__all__ = ["AccessDenied", "Denial", "policy_words"]

_BY = "\N{MULTIPLICATION SIGN}"


class Denial(enum.StrEnum):
    """Every reason to deny access."""

    MODEL_NOT_IN_CATALOG = "MODEL_NOT_IN_CATALOG"
    """The model, or what replaces it, is nowhere in the catalog."""
    MODEL_DEPRECATED = "MODEL_DEPRECATED"
    """The model must not be used any more, and nothing replaces it."""
    MODEL_SETTING_UNSUPPORTED = "MODEL_SETTING_UNSUPPORTED"
    """The model does not have the effort or the context window that the profile asks for."""
    ACCESS_DENIED = "ACCESS_DENIED"
    """The policies of system, organization and project leave nothing."""
    AUTHMODES_UNSATISFIABLE = "AUTHMODES_UNSATISFIABLE"
    """What the policies leave is nothing that the profile or the model takes."""
    AUTH_MODE_REQUIRES_LOCAL_CAPACITY = "AUTH_MODE_REQUIRES_LOCAL_CAPACITY"
    """The mode works on the user's machine only, and no local pool is active."""
    AUTH_MODE_REQUIRES_CLOUD_CAPACITY = "AUTH_MODE_REQUIRES_CLOUD_CAPACITY"
    """The mode works in the cloud only, and no cloud pool is active."""
    NO_CAPACITY = "NO_CAPACITY"
    """No pool is active."""
    METERED_NOT_ENTITLED = "METERED_NOT_ENTITLED"
    """The organization has not been switched on for it."""
    METERED_KEY_MISSING = "METERED_KEY_MISSING"
    """There is no key that could be metered."""
    SHARED_QUOTA_EXCEEDED = "SHARED_QUOTA_EXCEEDED"
    """What all share has been used up today."""
    CAPACITY_CAP_EXCEEDED = "CAPACITY_CAP_EXCEEDED"
    """What may be spent in every pool that is left has been spent."""
    PRICE_UNKNOWN = "PRICE_UNKNOWN"
    """A cap or quota cannot be kept, because nobody knows what the model costs."""
    GATEWAY_CANNOT_SERVE = "GATEWAY_CANNOT_SERVE"
    """The gateway that is named for the mode has no flow for it."""


class AccessDenied(Exception):  # noqa: N818 - the words of the contract
    """Nothing is left; `code` says which reason came last."""

    def __init__(self, code: Denial, message: str) -> None:
        """Keep both for whoever shows them."""
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


def policy_words(level: Level, asked: Asked, mode: AuthMode) -> str:
    """Say which policy denied what, in the words of donmai (commit 3abdc1c, August 2026)."""
    return (
        f"access denied: {level} policy denies (company={asked.company} {_BY} model={asked.model} "
        f'{_BY} authMode={mode}, workload="{asked.workload}")'
    )
