"""An error of Anthropic's API in, what is wrong out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_object, as_text
from provisioner.gateway.translate.trouble import Cause, Trouble, by_status, or_text

__all__ = ["anthropic_trouble"]

_TYPES = {
    "authentication_error": Cause.UNAUTHORIZED,
    "billing_error": Cause.QUOTA,
    "permission_error": Cause.FORBIDDEN,
    "not_found_error": Cause.NOT_FOUND,
    "request_too_large": Cause.TOO_LARGE,
    "rate_limit_error": Cause.LIMITED,
    "timeout_error": Cause.TIMEOUT,
    "api_error": Cause.SERVER,
    "overloaded_error": Cause.OVERLOADED,
}
# What it says with the type `invalid_request_error`.
_TOO_LONG = re.compile(r"prompt is too long|exceed(s|ed)? .*context (limit|window)", re.IGNORECASE)
_NO_MONEY = re.compile(r"credit balance is too low", re.IGNORECASE)


def anthropic_trouble(status: int, document: Mapping[str, Any], text: str) -> Trouble:
    """Return what an answer with `status` means; 200 is for an error within a stream."""
    error = as_object(document.get("error"))
    message = or_text(as_text(error.get("message")), text, status)
    cause = _TYPES.get(as_text(error.get("type"))) or by_status(status if status != 200 else 500)
    if as_text(error.get("type")) == "invalid_request_error":
        cause = Cause.INVALID
        if _TOO_LONG.search(message):
            cause = Cause.TOO_LONG
        elif _NO_MONEY.search(message):
            cause = Cause.QUOTA
    return Trouble(cause, message)
