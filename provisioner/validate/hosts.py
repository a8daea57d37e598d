"""The host of a URL, and whether it is this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from provisioner.syntax.decoded_text import PLACEHOLDER

__all__ = ["host_of", "is_local"]

_LOCAL_NAMES = frozenset({"localhost", "host.docker.internal"})


def host_of(url: str) -> str | None:
    """Return the host, None when there is none or only Terraform knows it."""
    try:
        host = urlsplit(url.strip()).hostname
    except ValueError:
        return None
    return None if not host or PLACEHOLDER in host else host


def is_local(host: str) -> bool:
    """Say whether traffic to `host` stays on this machine."""
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
