"""URL, certificates and the environment's proxy → the HTTP client that asks there."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from provisioner.doctor.client import UnusableVariableError, proxy_for
from provisioner.errors import InputError

__all__ = ["new_http"]


def new_http(url: str, *, seconds: float, certificates: Path | None = None) -> httpx.Client:
    """Return a client for `url`, with the proxy that the environment names for it.

    It trusts what the system trusts, what SSL_CERT_FILE names, and the PEM file `certificates`.
    Redirects are not followed: the session token goes nowhere else. Raises `InputError` for a file
    or a proxy that cannot be used.
    """
    try:
        context = httpx.create_ssl_context()
        context.load_default_certs()
        if certificates is not None:
            context.load_verify_locations(certificates)
    except ssl.SSLError as error:
        raise InputError(f"{certificates} holds no certificates in PEM form") from error
    except OSError as error:
        named = certificates or "the file in SSL_CERT_FILE"
        raise InputError(f"{named} cannot be read: {error.strerror or error}") from error
    try:
        proxy = proxy_for(url)
    except UnusableVariableError as error:
        raise InputError(f"{error}; {error.fix}") from error
    try:
        return httpx.Client(
            verify=context,
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            proxy=proxy.url if proxy else None,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        variable = proxy.variable if proxy else "the proxy"
        raise InputError(f"{variable} names a proxy that is not of HTTP") from error
