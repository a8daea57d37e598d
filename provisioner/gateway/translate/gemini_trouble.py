"""An error of Google's APIs in, what is wrong out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.translate.trouble import Cause, Trouble, by_status, or_text

__all__ = ["gemini_trouble"]

_STATES = {
    "INVALID_ARGUMENT": Cause.INVALID,
    "FAILED_PRECONDITION": Cause.INVALID,
    "UNAUTHENTICATED": Cause.UNAUTHORIZED,
    "PERMISSION_DENIED": Cause.FORBIDDEN,
    "NOT_FOUND": Cause.NOT_FOUND,
    "RESOURCE_EXHAUSTED": Cause.LIMITED,
    "INTERNAL": Cause.SERVER,
    "UNAVAILABLE": Cause.OVERLOADED,
    "DEADLINE_EXCEEDED": Cause.TIMEOUT,
}
_TOO_LONG = re.compile(
    r"exceeds the maximum number of tokens|token count .* exceeds", re.IGNORECASE
)
_SECONDS = re.compile(r"(\d+)(\.\d+)?s\Z")


def gemini_trouble(status: int, document: Mapping[str, Any], text: str) -> Trouble:
    """Return what an answer with `status` means; 200 is for an error within a stream.

    A stream that fails before its first event has its error in a list.
    """
    error = as_object(document.get("error")) or _listed(text)
    message = or_text(as_text(error.get("message")), text, status)
    cause = _STATES.get(as_text(error.get("status"))) or by_status(status if status != 200 else 500)
    details = list(as_mappings(error.get("details")))
    if any(detail.get("reason") == "API_KEY_INVALID" for detail in details):
        cause = Cause.UNAUTHORIZED
    elif cause is Cause.INVALID and _TOO_LONG.search(message):
        cause = Cause.TOO_LONG
    return Trouble(cause, message, next(_delays(details), ""))


def _listed(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    first = next(as_mappings(found), {})
    return as_object(first.get("error"))


def _delays(details: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield after how many seconds Google says to come back, rounded up."""
    for detail in details:
        match = _SECONDS.match(as_text(detail.get("retryDelay")))
        if match:
            yield str(int(match[1]) + bool(match[2]))
