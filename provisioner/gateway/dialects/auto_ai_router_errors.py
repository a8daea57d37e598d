"""Auto AI Router's error envelope, whose type follows from the status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from provisioner.gateway.wire import WireError, json_answer

__all__ = ["error"]

_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_denied",
    404: "not_found_error",
    408: "timeout_error",
    429: "rate_limit_error",
    502: "api_error",
}


def error(
    status: int, message: str, *, headers: Mapping[str, str] = MappingProxyType({})
) -> WireError:
    """Return an answer that says what is wrong."""
    default = "invalid_request_error" if status < 500 else "server_error"
    kind = _TYPES.get(status, default)
    document = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    answer = json_answer(status, document, "application/json")
    return WireError(answer).with_headers(headers)
