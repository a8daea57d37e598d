"""Browsers that are logged in: each holds a random key, the database the token sealed with it.

The browser has no token, the database none that can be read, and only both together give it back:
so a token that was revoked or ran out ends its logins, whoever made it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from provisioner.gateway.record.schema import dashboard_login
from provisioner.gateway.record.stored import microseconds
from provisioner.redact import Secret

__all__ = ["add_login", "end_login", "login_token"]

_RANDOM_BYTES = 32


def add_login(connection: Connection, token: Secret, now: datetime, until: datetime) -> Secret:
    """Keep `token` sealed and return the key to it; logins that ran out are forgotten."""
    table = dashboard_login
    connection.execute(delete(table).where(table.c.expires_at <= microseconds(now)))
    key = secrets.token_urlsafe(_RANDOM_BYTES)
    row = {
        "id": _name(key),
        "sealed_token": _with_pad(key, token.reveal().encode()).hex(),
        "expires_at": microseconds(until),
    }
    connection.execute(insert(table).values(row))
    return Secret(key)


def login_token(connection: Connection, key: Secret, now: datetime) -> Secret | None:
    """Return the token that `key` opens, or None when that login is unknown or over."""
    table = dashboard_login
    query = select(table.c.sealed_token).where(
        table.c.id == _name(key.reveal()), table.c.expires_at > microseconds(now)
    )
    sealed = connection.execute(query).scalar_one_or_none()
    if sealed is None:
        return None
    return Secret(_with_pad(key.reveal(), bytes.fromhex(sealed)).decode())


def end_login(connection: Connection, key: Secret) -> None:
    """Forget the login of `key`."""
    name = _name(key.reveal())
    connection.execute(delete(dashboard_login).where(dashboard_login.c.id == name))


def _name(key: str) -> str:
    return hashlib.sha256(b"name\n" + key.encode(errors="surrogateescape")).hexdigest()


def _with_pad(key: str, text: bytes) -> bytes:
    """Seal or open `text`: a key is random and used once, so its pad is too."""
    pad = hashlib.shake_256(b"pad\n" + key.encode()).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, pad, strict=True))
