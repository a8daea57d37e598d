"""URL and environment → the HTTP client that asks there, or which variable stands in its way."""

from __future__ import annotations

import os
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

__all__ = ["Proxy", "UnusableVariableError", "new_client", "proxy_for"]


class UnusableVariableError(Exception):
    """A variable of proxies or certificates holds what cannot be used; says so without secrets."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that the environment names."""

    variable: str
    url: str
    """With its password, if it has one."""
    shown: str


def new_client(url: str, seconds: float) -> httpx.AsyncClient:
    """Return a client for `url` that takes its proxy from the environment.

    It trusts what the system trusts. Raises `UnusableVariableError` for a proxy or a file of
    certificates that it cannot use.
    """
    proxy = proxy_for(url)
    with _certificates("SSL_CERT_FILE"):
        # Those that httpx brings along, as some builds of Python do not find the system's.
        context = httpx.create_ssl_context()
        context.load_default_certs()
    if private := os.environ.get("CODEX_CA_CERTIFICATE"):
        with _certificates("CODEX_CA_CERTIFICATE"):
            context.load_verify_locations(private)
    given = proxy.url if proxy else None
    try:
        return httpx.AsyncClient(
            verify=context, timeout=seconds, follow_redirects=False, trust_env=False, proxy=given
        )
    except ImportError as error:
        # httpx leaves SOCKS to a package of its own.
        raise _unusable(proxy, "names a SOCKS proxy, which this check cannot use") from error
    except (ValueError, httpx.InvalidURL) as error:
        raise _unusable(proxy, "names a proxy that is not of HTTP") from error


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy that the environment names for `url`, if any.

    Raises `UnusableVariableError` when that is no URL of a host.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    scheme = parts.scheme if proxies.get(parts.scheme) else "all"
    if not (value := proxies.get(scheme, "")):
        return None
    # The small name beats the large one.
    small = f"{scheme}_proxy"
    variable = small if os.environ.get(small) else small.upper()
    given = value if "://" in value else f"http://{value}"
    try:
        there = urlsplit(given)
        port = f":{there.port}" if there.port else ""
    except ValueError as error:
        raise _unusable(Proxy(variable, "", ""), "is not the URL of a proxy") from error
    if not there.hostname or not given.isprintable():
        raise _unusable(Proxy(variable, "", ""), "is not the URL of a proxy")
    return Proxy(variable, given, f"{there.scheme}://{there.hostname}{port}")


def _unusable(proxy: Proxy | None, problem: str) -> UnusableVariableError:
    variable = proxy.variable if proxy else "the proxy"
    fix = (
        f"set {variable} to the URL of an HTTP proxy, such as http://proxy.example.com:3128, "
        "or name the gateway's host in NO_PROXY"
    )
    return UnusableVariableError(f"{variable} {problem}", fix)


@contextmanager
def _certificates(variable: str) -> Iterator[None]:
    """Name the variable when the file in it cannot be used."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, ssl.SSLError):
            why = "which holds no certificates in PEM form"
        else:
            why = f"which cannot be read: {getattr(error, 'strerror', None) or error}"
        raise UnusableVariableError(
            f"{variable} names {os.environ.get(variable, '')}, {why}",
            f"set {variable} to a file of certificates in PEM form, or unset it",
        ) from error
