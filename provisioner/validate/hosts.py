"""The host of a URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from provisioner.syntax.decoded_text import PLACEHOLDER

__all__ = ["host_of"]


def host_of(url: str) -> str | None:
    """Return the host, None when there is none or only Terraform knows it."""
    try:
        host = urlsplit(url.strip()).hostname
    except ValueError:
        return None
    return None if not host or PLACEHOLDER in host else host
