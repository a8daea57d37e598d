"""Error answers in LangWatch's envelope: code, status and words of each cause.

Its pages and its code name some of them differently (langwatch/langwatch 6ce6cbb).
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.gateway.langwatch_config import LangWatchConfig
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.wire import WireError, json_answer

__all__ = ["denied_error", "error", "timeout_code"]

_RATE_PAGES = "vk_rate_limit_exceeded"
_STATUS: Mapping[Reason, int] = {
    Reason.RATE_LIMITED: 429,
    Reason.TOOL_NOT_ALLOWED: 403,
    Reason.MCP_NOT_ALLOWED: 403,
    Reason.URL_NOT_ALLOWED: 403,
    Reason.ACCESS_DENIED: 403,
    Reason.AUTHMODES_UNSATISFIABLE: 403,
    Reason.METERED_NOT_ENTITLED: 403,
    Reason.METERED_KEY_MISSING: 403,
    Reason.PRICE_UNKNOWN: 403,
    # What says so is what says who a key is.
    Reason.POLICY_UNAVAILABLE: 503,
}
_CODES: Mapping[Reason, str] = {
    # Its pages have one code for tools of every kind.
    Reason.MCP_NOT_ALLOWED: Reason.TOOL_NOT_ALLOWED.value,
    Reason.POLICY_UNAVAILABLE: "auth_upstream_unavailable",
}
_TRIGGERED: Mapping[Reason, str] = {
    Reason.TOOL_NOT_ALLOWED: "blocked_tools",
    Reason.MCP_NOT_ALLOWED: "blocked_mcp",
    Reason.URL_NOT_ALLOWED: "blocked_urls",
}
_NOUNS = {
    "organization": "organization",
    "team": "team",
    "project": "project",
    "virtual_key": "virtual key",
    "principal": "user",
    "group": "group member",
    "attributed_user": "end user",
}


def error(
    status: int,
    code: str,
    message: str,
    *,
    kind: str = "",
    meta: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> WireError:
    """Answer `message`; the type is the code unless `kind` says otherwise."""
    told: dict[str, object] = {"type": kind or code, "code": code, "message": message}
    if meta:
        told["meta"] = dict(meta)
    answer = json_answer(status, {"error": told}, "application/json")
    own = {"X-LangWatch-Handled-Error": code}
    return WireError(answer).with_headers({**own, **(headers or {})})


def timeout_code(settings: LangWatchConfig) -> str:
    """Return the code of a provider that was too slow."""
    return "upstream_timeout" if settings.follow == "pages" else "provider_timeout"


def denied_error(denial: Denial, settings: LangWatchConfig) -> WireError:
    """Answer a request that policy refuses."""
    reason, by_code = denial.reason, settings.follow == "code"
    if reason is Reason.RATE_LIMITED:
        return _rate_limited(denial, by_code=by_code)
    if reason is Reason.MODEL_NOT_ALLOWED:
        return error(settings.model_not_allowed_status, reason.value, denial.message)
    if reason is Reason.BUDGET_EXCEEDED:
        message = _budget_words(denial) if by_code else denial.message
        meta = {name: text for name, text in denial.meta.items() if name.startswith("budget_")}
        return error(402, reason.value, message, meta=meta)
    triggered = _TRIGGERED.get(reason)
    if triggered is not None:
        code = "policy_violation" if by_code else _CODES.get(reason, reason.value)
        return error(403, code, denial.message, meta={"policies_triggered": [triggered]})
    if reason.is_spent:
        headers = {"Retry-After": str(denial.retry_after)}
        return error(402, reason.value, denial.message, meta=denial.meta, headers=headers)
    code = _CODES.get(reason, reason.value)
    return error(_STATUS.get(reason, 400), code, denial.message, meta=denial.meta)


def _rate_limited(denial: Denial, *, by_code: bool) -> WireError:
    if by_code:
        return error(429, "rate_limited", denial.message)
    headers = {
        "Retry-After": str(denial.retry_after),
        "X-LangWatch-RateLimit-Dimension": denial.meta.get("dimension", ""),
    }
    kind = Reason.RATE_LIMITED.value
    return error(429, _RATE_PAGES, denial.message, kind=kind, meta=denial.meta, headers=headers)


def _budget_words(denial: Denial) -> str:
    noun = _NOUNS.get(denial.meta["budget_scope"], "budget")
    window = denial.meta["budget_window"]
    return f"The {noun} spending limit (per {window}) for this request has been reached."
