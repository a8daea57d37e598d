"""What every dialect does with request headers: find a bearer, drop what must not go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy

from provisioner.gateway.upstreams.protocol import Credential
from provisioner.redact import SENSITIVE_REQUEST_HEADERS, Secret

__all__ = ["bearer", "credential", "forwarded"]

# Every header that may hold a credential (the upstream gets its credential apart from the
# headers), connection-level headers, and those the upstream client sets itself.
_NOT_FORWARDED = SENSITIVE_REQUEST_HEADERS | frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "forwarded",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-coder-agent-firewall-sequence-number",
        "x-coder-agent-firewall-session-id",
        "x-coder-ai-governance-request-id",
    }
)

_NOT_FORWARDED_PREFIXES = ("x-forwarded-", "x-langwatch-")


def bearer(headers: Mapping[str, str]) -> str:
    """Return the bearer token of the Authorization header, empty when there is none."""
    fields = headers.get("Authorization", "").split()
    if len(fields) == 2 and fields[0].lower() == "bearer":
        return fields[1]
    return ""


def credential(headers: Mapping[str, str], places: Iterable[str]) -> Credential | None:
    """Return the credential in the first of the headers `places` that holds one."""
    for name in places:
        value = bearer(headers) if name == "Authorization" else headers.get(name, "").strip()
        if value:
            return Credential(Secret(value), name)
    return None


def forwarded(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the headers that go on to the upstream; none of them holds a credential."""
    going = [entry for entry in headers.items() if _goes_on(entry[0])]
    connection = headers.getall("Connection", ())
    if connection:
        named = {name.strip().lower() for name in ",".join(connection).split(",")}
        going = [entry for entry in going if entry[0].lower() not in named]
    return CIMultiDict(going)


@lru_cache(maxsize=256)
def _goes_on(name: str) -> bool:
    # Clients send the same few names over and over.
    lowered = name.lower()
    return lowered not in _NOT_FORWARDED and not lowered.startswith(_NOT_FORWARDED_PREFIXES)
