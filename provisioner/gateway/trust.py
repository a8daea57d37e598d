"""Whose certificates are trusted: the system's authorities, read when something first needs them.

To read them takes as long as to import most libraries, and many gateways never open a TLS
connection of their own.
"""

from __future__ import annotations

import os
import ssl
import sys

__all__ = ["import_aiohttp", "system_trust"]

_AUTHORITIES = "SSL_CERT_FILE"


def system_trust() -> ssl.SSLContext:
    """Return what servers are judged by; `SSL_CERT_FILE` and `SSL_CERT_DIR` say otherwise.

    It reads files for many milliseconds: call it in a thread.
    """
    trust = ssl.create_default_context()
    trust.set_alpn_protocols(["http/1.1"])
    return trust


def import_aiohttp() -> None:
    """Import aiohttp, which (3.14) reads all authorities meanwhile, without any to read.

    It would keep them for clients that are not told what to trust; ours all are.
    """
    if "aiohttp" in sys.modules:
        return
    before = os.environ.get(_AUTHORITIES)
    os.environ[_AUTHORITIES] = os.devnull
    try:
        import aiohttp  # noqa: F401, PLC0415 - the place of this one counts
    finally:
        if before is None:
            del os.environ[_AUTHORITIES]
        else:
            os.environ[_AUTHORITIES] = before
