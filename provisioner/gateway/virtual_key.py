"""Virtual keys as LangWatch makes them: their form, what may be shown of one, how one is stored.

Its pages say `vk-lw-live_` or `vk-lw-test_` and a ULID, its code leaves the middle part out
(langwatch/langwatch 6ce6cbb); both forms are made and known here.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from provisioner.errors import InputError, OutputError
from provisioner.gateway.record.tokens import token_hash
from provisioner.gateway.ulid import secret_ulid
from provisioner.private_folder import make_private_folder
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
_SHORTEST = 32
_FILE = "key-pepper"


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
    """Return the secret that goes into every hash: the environment's, else that of `state`.

    The latter is made when it is first needed. Gateways on one database at `address` must have
    the same, so there it has to be given. Raises `InputError` and `OutputError`.
    """
    given = os.environ.get(PEPPER_VARIABLE, "").strip()
    if given:
        if len(given) < _SHORTEST:
            raise InputError(f"{PEPPER_VARIABLE} must have at least {_SHORTEST} characters")
        return Secret(given)
    if address:
        raise InputError(
            f"virtual keys on a PostgreSQL database need {PEPPER_VARIABLE}: "
            "set it to one long random text for all gateways on that database"
        )
    path = state / _FILE
    try:
        if not path.exists():
            _make(path)
        value = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise OutputError(f'cannot use "{path}": {error}') from error
    if len(value) < _SHORTEST:
        raise InputError(f'"{path}" is too short; put back what was in it, all keys depend on it')
    return Secret(value)


def _make(path: Path) -> None:
    """Write a new pepper; of several processes that do it at once, the first one's stays."""
    make_private_folder(path.parent)
    draft = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_SHORTEST))
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
