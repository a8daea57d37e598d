"""What went wrong on the way to an upstream, in words that quote nothing of the request."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiohttp
from yarl import URL

from provisioner.gateway.upstreams.protocol import UpstreamError, UpstreamTimeoutError

__all__ = [
    "BROKE_OFF",
    "SILENT",
    "failure",
    "is_usable",
    "reason",
    "why_broken",
    "why_not_connected",
]

BROKE_OFF = "the upstream closed the connection before it was done"
SILENT = "the upstream went silent"


# No server may send these in a header, and aiohttp's sends none on.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def failure(error: Exception, words: str) -> UpstreamError:
    """Return what says `words` of `error`, and whether time was up."""
    return UpstreamTimeoutError(words) if isinstance(error, TimeoutError) else UpstreamError(words)


def is_usable(status: int, values: Iterable[str]) -> bool:
    """Say whether a client can be given an answer with that status and those header values."""
    # 101 speaks another protocol from here on, and what is below it does not exist.
    return status >= 200 and not _CONTROL.search("".join(values))


def why_not_connected(error: Exception, host: str, place: str) -> str:
    """Return why there is no connection to `place`, which is a port of `host`."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"cannot find the host {host}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"cannot trust {place}: {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError):
        return f"cannot speak TLS with {place}"
    if isinstance(error, TimeoutError):
        return f"{place} did not answer in time"
    # Where a host has several addresses, each has its own reason.
    number = error.errno if isinstance(error, OSError) else None
    why = os.strerror(number) if number else "none of its addresses can be reached"
    return f"cannot connect to {place}: {why}"


def why_broken(error: Exception, place: str) -> str:
    """Return why `place`, which was asked, gave no answer."""
    if isinstance(error, TimeoutError):
        return f"{place} did not answer in time"
    if isinstance(error, OSError):
        if error.errno is None:
            return f"{place} closed the connection without an answer"
        return f"{place} broke the connection off: {_of_system(error)}"
    return f"no usable answer from {place}"


def reason(error: Exception, url: URL, proxy: str) -> str:
    """Return why there is no answer from `url`, asked for through `proxy` unless that is empty."""
    place = f"{url.host}:{url.port}"
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words(error, place, _place(proxy))
    return f"no usable answer from {place}"


def _place(address: str) -> str:
    url = URL(address)
    return f"{url.host}:{url.port}"


def _of_certificate(error: Any) -> str:  # noqa: ANN401 - aiohttp does not say
    if isinstance(error.certificate_error, ssl.SSLCertVerificationError):
        return str(error.certificate_error.verify_message).rstrip(".")
    return "its certificate is not for this host"


def _of_system(error: Any) -> str:  # noqa: ANN401 - an OSError
    # Of aiohttp's own words only the number is of use.
    return os.strerror(error.errno) if error.errno else type(error).__name__


# In the order of asking: many of them are kinds of a later one.
_WORDS: Sequence[tuple[type[Exception], Callable[[Any, str, str], str]]] = (
    # Nothing of what a proxy says: it may name whom it knows.
    (
        aiohttp.ClientHttpProxyError,
        lambda e, at, by: f"the proxy {by} refused to connect to {at}: status {e.status}",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        lambda e, at, _: f"cannot trust {at}: {_of_certificate(e)}",
    ),
    (aiohttp.ClientSSLError, lambda _, at, __: f"cannot speak TLS with {at}"),
    (
        aiohttp.ServerDisconnectedError,
        lambda _, at, __: f"{at} closed the connection without an answer",
    ),
    (TimeoutError, lambda _, at, __: f"{at} did not answer in time"),
    (aiohttp.ClientConnectorDNSError, lambda e, _, __: f"cannot find the host {e.host}"),
    (
        aiohttp.ClientProxyConnectionError,
        lambda e, _, by: f"cannot connect to the proxy {by}: {_of_system(e)}",
    ),
    (aiohttp.ClientConnectorError, lambda e, at, _: f"cannot connect to {at}: {_of_system(e)}"),
    (OSError, lambda e, at, _: f"{at} broke the connection off: {_of_system(e)}"),
)
