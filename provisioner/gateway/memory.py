"""What of the memory that is free again the system gets back."""

from __future__ import annotations

import ctypes
from contextlib import suppress

__all__ = ["return_bodies"]

# glibc's number of the setting, and about the size of Codex's smallest request.
_MMAP_THRESHOLD = -3
_BODY = 32 * 1024


def return_bodies() -> None:
    """Let the system have a request's memory back as soon as nobody needs it.

    Else glibc keeps what lies between the small things that a stream holds for minutes: with a
    thousand streams, as much as all of their requests. Other systems do what they do.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _BODY)
