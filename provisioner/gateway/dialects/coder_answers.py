"""The answers that Coder's AI Gateway writes itself, as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from provisioner.gateway.deployment_config import Condition, Era
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.wire import WireError, json_answer, text_answer

__all__ = [
    "coded_error",
    "condition_error",
    "deployment_error",
    "plain_error",
    "policy_error",
    "product",
]


def product(era: Era) -> str:
    """Return what the feature was called."""
    return "AI Bridge" if era is Era.V2_32 else "AI Gateway"


def plain_error(status: int, message: str) -> WireError:
    """Answer as the gateway proper does."""
    return WireError(text_answer(status, message))


def coded_error(status: int, message: str) -> WireError:
    """Answer as what bridges the Responses API does."""
    document = {"code": str(status), "message": message}
    return WireError(json_answer(status, document, "application/json"))


def deployment_error(
    status: int, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> WireError:
    """Answer as the deployment does, which stands before the gateway."""
    answer = json_answer(status, document, "application/json; charset=utf-8")
    refused = WireError(replace(answer, body=answer.body + b"\n"))
    return refused.with_headers(headers or {})


def condition_error(condition: Condition, era: Era, budget_usd: float) -> WireError:
    """Answer a request that `condition` stops."""
    if condition is Condition.UNLICENSED:
        message = f"{product(era)} is a Premium feature. Contact sales!"
        return deployment_error(403, {"message": message})
    if condition is Condition.NOT_MOUNTED:
        return deployment_error(404, {"message": "aibridged handler not mounted"})
    status, words = _PLAIN[condition]
    return plain_error(status, words.format(budget_usd=budget_usd))


def policy_error(denial: Denial) -> WireError:
    """Answer a request that policy refuses."""
    if denial.reason is Reason.BUDGET_EXCEEDED:
        status, words = _PLAIN[Condition.OVER_BUDGET]
        limit = denial.meta.get("limit_usd")
        if limit is None:
            return plain_error(status, f"AI budget exceeded: {denial.message}")
        return plain_error(status, words.format(budget_usd=Decimal(limit)))
    if denial.reason is Reason.POLICY_UNAVAILABLE:
        return plain_error(*_PLAIN[Condition.BUDGET_UNKNOWN])
    if denial.reason is Reason.MODEL_NOT_ALLOWED:
        return plain_error(*_PLAIN[Condition.MODEL_DENIED])
    if denial.reason is Reason.RATE_LIMITED:
        message = "You've been rate limited. Please try again later."
        return deployment_error(429, {"message": message}, {"Retry-After": str(denial.retry_after)})
    return plain_error(403, denial.message)


_PLAIN: Mapping[Condition, tuple[int, str]] = {
    Condition.CODERD_UNREACHABLE: (503, "could not connect to coderd"),
    Condition.NO_HANDLER: (500, "failed to acquire request handler"),
    Condition.BUDGET_UNKNOWN: (500, "internal server error checking user AI budget"),
    Condition.OVER_BUDGET: (
        403,
        (
            "AI budget of US${budget_usd:.2f} exceeded. "
            "Please contact an administrator for more details."
        ),
    ),
    Condition.MODEL_DENIED: (403, "unauthorized"),
    Condition.MODEL_POLICY_UNKNOWN: (500, "internal server error"),
    Condition.RECORDS_UNAVAILABLE: (500, "failed to record interception"),
}
