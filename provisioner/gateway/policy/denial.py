"""Why a request is refused by policy; each dialect has its own words and status for it."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from msgspec import Struct, field

__all__ = ["Denial", "DeniedError", "Reason"]


class Reason(enum.StrEnum):
    """The cause, named as LangWatch's gateway names it; recorded with the interception.

    Those in capitals are of auth modes, named as in `provisioner.access`.
    """

    RATE_LIMITED = "rate_limit_exceeded"
    TOOL_NOT_ALLOWED = "tool_not_allowed"
    MCP_NOT_ALLOWED = "mcp_not_allowed"
    URL_NOT_ALLOWED = "url_not_allowed"
    MISSING_MODEL = "missing_model"
    MODEL_NOT_RECOGNIZED = "model_not_recognized"
    PROVIDER_NOT_BOUND = "model_provider_not_bound"
    NO_PROVIDER = "no_provider_configured"
    MODEL_NOT_ALLOWED = "model_not_allowed"
    CACHE_OVERRIDE_INVALID = "cache_override_invalid"
    CACHE_OVERRIDE_NOT_IMPLEMENTED = "cache_override_not_implemented"
    END_USER_REQUIRED = "end_user_required"
    BUDGET_EXCEEDED = "budget_exceeded"
    POLICY_UNAVAILABLE = "policy_unavailable"
    MODEL_NOT_IN_CATALOG = "MODEL_NOT_IN_CATALOG"
    ACCESS_DENIED = "ACCESS_DENIED"
    AUTHMODES_UNSATISFIABLE = "AUTHMODES_UNSATISFIABLE"
    METERED_NOT_ENTITLED = "METERED_NOT_ENTITLED"
    METERED_KEY_MISSING = "METERED_KEY_MISSING"
    PRICE_UNKNOWN = "PRICE_UNKNOWN"
    SHARED_QUOTA_EXCEEDED = "SHARED_QUOTA_EXCEEDED"
    CAPACITY_CAP_EXCEEDED = "CAPACITY_CAP_EXCEEDED"

    @property
    def is_spent(self) -> bool:
        """Whether it is money, or what counts as money, that is used up."""
        return self in _SPENT


_SPENT = frozenset(
    {Reason.BUDGET_EXCEEDED, Reason.SHARED_QUOTA_EXCEEDED, Reason.CAPACITY_CAP_EXCEEDED}
)


class Denial(Struct, frozen=True):
    """One refusal: `message` for the client, `meta` for programs, seconds until it may end."""

    reason: Reason
    message: str
    meta: Mapping[str, str] = field(default_factory=dict)
    retry_after: int = 0


class DeniedError(Exception):
    """A check refuses the request."""

    def __init__(self, denial: Denial) -> None:
        """Keep `denial`; the message holds the reason alone, so that logs hold nothing else."""
        super().__init__(denial.reason.value)
        self.denial = denial
