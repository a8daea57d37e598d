"""Gateway tokens: made at random, printed once, kept and looked up as a hash."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select

from provisioner.gateway.record.database import create_database
from provisioner.gateway.record.schema import token
from provisioner.redact import Secret

__all__ = ["DEFAULT_USER", "TokenStore", "create_token", "token_hash"]

DEFAULT_USER = "local"
"""Who the token belongs to that the gateway makes by itself."""

_PREFIX = "prv_"
_RANDOM_BYTES = 24


def token_hash(value: str) -> str:
    """Return the form in which the token `value` is stored; headers may hold any bytes."""
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()


class TokenStore:
    """The tokens in one database."""

    def __init__(self, engine: Engine) -> None:
        """Use `engine`, which stays the caller's to dispose of."""
        self._engine = engine

    def create(self, user: str) -> Secret:
        """Make a token for `user` and return it: this is the only time it is known."""
        secret = Secret(_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES))
        row = {
            "id": str(uuid.uuid4()),
            "user": user,
            "hash": token_hash(secret.reveal()),
            "created_at": int(datetime.now(UTC).timestamp() * 1_000_000),
            "revoked": False,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(token).values(row))
        return secret

    def any(self) -> bool:
        """Say whether there is a token at all, revoked ones included."""
        with self._engine.connect() as connection:
            return connection.execute(select(token.c.id).limit(1)).first() is not None

    def user(self, hashed: str) -> str | None:
        """Return whose token has the hash `hashed`, or None when it is unknown or revoked."""
        query = select(token.c.user).where(token.c.hash == hashed, token.c.revoked.is_(False))
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()


def create_token(state: Path, user: str) -> Secret:
    """Make a token for `user` in the state directory `state`, also while a gateway runs there."""
    engine = create_database(state)
    try:
        return TokenStore(engine).create(user)
    finally:
        engine.dispose()
