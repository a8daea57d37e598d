"""What every dialect does with request headers: find a bearer, drop what must not go on."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.redact import SENSITIVE_REQUEST_HEADERS

__all__ = ["bearer", "forwarded"]

# Every header that may hold a credential (the upstream gets its credential apart from the
# headers), connection-level headers, and those the upstream client sets itself.
_NOT_FORWARDED = SENSITIVE_REQUEST_HEADERS | frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-coder-ai-governance-request-id",
    }
)


def bearer(headers: Mapping[str, str]) -> str:
    """Return the bearer token of the Authorization header, empty when there is none."""
    fields = headers.get("Authorization", "").split()
    if len(fields) == 2 and fields[0].lower() == "bearer":
        return fields[1]
    return ""


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that go on to the upstream; none of them holds a credential."""
    return {
        name: value
        for name, value in headers.items()
        if (lowered := name.lower()) not in _NOT_FORWARDED
        and not lowered.startswith("x-forwarded-")
    }
