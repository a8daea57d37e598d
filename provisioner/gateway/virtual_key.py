"""Virtual keys as LangWatch makes them: their form, what may be shown of one, how one is stored.

Its pages say `vk-lw-live_` or `vk-lw-test_` and a ULID, its code leaves the middle part out
(langwatch/langwatch 6ce6cbb); both forms are made and known here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from provisioner.gateway.own_secret import OwnSecret
from provisioner.gateway.record.tokens import token_hash
from provisioner.gateway.ulid import secret_ulid
from provisioner.redact import Secret

__all__ = [
    "KEY_PREFIX",
    "PEPPER_VARIABLE",
    "Environment",
    "hasher",
    "load_pepper",
    "new_key",
    "shown_part",
]

KEY_PREFIX = "vk-lw-"
"""How every key begins."""

PEPPER_VARIABLE = "PROVISIONER_GATEWAY_PEPPER"
"""Holds the pepper of gateways that share a PostgreSQL database."""

Environment = Literal["live", "test", "none"]
_SHOWN = 13
_PEPPER = OwnSecret(PEPPER_VARIABLE, "key-pepper", "virtual keys")


def new_key(environment: Environment) -> Secret:
    """Return one more key."""
    middle = "" if environment == "none" else f"{environment}_"
    return Secret(f"{KEY_PREFIX}{middle}{secret_ulid()}")


def shown_part(key: Secret) -> str:
    """Return how `key` begins: of what is random in it there is next to nothing."""
    return f"{key.reveal()[:_SHOWN]}..."


def hasher(pepper: Secret) -> Callable[[str], str]:
    """Return what makes of a token the form in which it is stored.

    Whoever has the database alone cannot say which virtual key is in it.
    """
    secret = pepper.reveal().encode()

    def stored(value: str) -> str:
        if not value.startswith(KEY_PREFIX):
            return token_hash(value)
        return hmac.new(secret, value.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()

    return stored


def load_pepper(state: Path, address: str | None) -> Secret:
    """Return the secret that goes into every hash; raises `InputError` and `OutputError`."""
    return _PEPPER.load(state, address)
