"""Identifiers that sort by time: 48 bits of milliseconds and 80 random ones, in 26 characters."""

from __future__ import annotations

import random
import secrets
import time

__all__ = ["new_ulid", "secret_ulid"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LENGTH = 26


def new_ulid() -> str:
    """Return one more, as ulid/spec has it, that others might guess: a request's."""
    return _ulid(random.getrandbits(_RANDOM_BITS))


def secret_ulid() -> str:
    """Return one more whose random part nobody can guess."""
    return _ulid(secrets.randbits(_RANDOM_BITS))


def _ulid(bits: int) -> str:
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | bits
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
