"""What went wrong on the way to an upstream, in words that quote nothing of the request."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
from yarl import URL

__all__ = ["reason", "unusable"]

# No server may send these in a header, and aiohttp's sends none on.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def unusable(response: aiohttp.ClientResponse) -> bool:
    """Say whether `response` is none that a client can be given."""
    # 101 speaks another protocol from here on, and what is below it does not exist.
    return response.status < 200 or bool(_CONTROL.search("".join(response.headers.values())))


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
