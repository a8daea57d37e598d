"""Identifiers that sort by time: 48 bits of milliseconds and 80 random ones, in 26 characters."""

from __future__ import annotations

import secrets
import time

__all__ = ["new_ulid"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LENGTH = 26


def new_ulid() -> str:
    """Return one more, as ulid/spec has it."""
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
