"""Gateway tokens: made at random, printed once, kept and looked up as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.accounts import SHARED_PREFIX, Account, groups_of
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.stored import microseconds, moment
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.policy.key_policy import KeyPolicy

__all__ = [
    "TOKEN_PREFIX",
    "FoundToken",
    "TokenInfo",
    "TokenNameTakenError",
    "any_token",
    "create_token",
    "find_token",
    "note_use",
    "token_hash",
    "token_state",
]

TOKEN_PREFIX = "prv_"  # noqa: S105 - the part that is no secret
"""How every token begins that a gateway makes."""

_RANDOM_BYTES = 24


class TokenInfo(Struct, frozen=True):
    """What is kept of a token; `hint` is its masked form."""

    id: str
    user: str
    user_id: str
    name: str
    hint: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return `active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


class FoundToken(Struct, frozen=True):
    """A good token: who it belongs to and when it ends by itself."""

    id: str
    actor: Actor
    expires_at: datetime | None


class TokenNameTakenError(Exception):
    """The user has a token of that name which is still good."""


def token_hash(value: str) -> str:
    """Return the form in which the token `value` is stored; headers may hold any bytes."""
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()


def create_token(
    connection: Plain,
    owner: Account,
    *,
    name: str = "",
    lifetime: timedelta | None = None,
    until: datetime | None = None,
) -> tuple[Secret, TokenInfo]:
    """Make a token for `owner` and return it: this is the only time it is known.

    It works for its `lifetime`, but not beyond `until`. Raises `TokenNameTakenError` when a good
    token of the owner has the `name`.
    """
    secret = Secret(TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES))
    now = datetime.now(UTC)
    if name:
        if connection.is_postgres:
            # Of two that want one name at once, the second waits here for the first.
            connection.rows("SELECT id FROM account WHERE id = ? FOR UPDATE", [owner.id])
        if connection.rows(_NAMESAKES, [owner.id, name, microseconds(now)]):
            raise TokenNameTakenError
    ends = [end for end in (now + lifetime if lifetime else None, until) if end]
    info = TokenInfo(
        id=str(uuid.uuid4()),
        user=owner.username,
        user_id=owner.id,
        name=name,
        hint=secret.hint,
        created_at=now,
        expires_at=min(ends) if ends else None,
        revoked_at=None,
        last_used_at=None,
    )
    end = None if info.expires_at is None else microseconds(info.expires_at)
    hashed = token_hash(secret.reveal())
    row = [info.id, owner.id, name, info.hint, hashed, microseconds(now), end]
    connection.run(_NEW_TOKEN, row)
    return secret, info


def token_state(connection: Plain, hashed: str) -> str:
    """Return "revoked" or "expired" for a token that is not good any more, else nothing."""
    found = connection.rows("SELECT revoked_at, expires_at FROM token WHERE hash = ?", [hashed])
    if not found:
        return ""
    ((revoked_at, expires_at),) = found
    if revoked_at is not None:
        return "revoked"
    is_over = expires_at is not None and expires_at <= microseconds(datetime.now(UTC))
    return "expired" if is_over else ""


def any_token(connection: Plain) -> bool:
    """Say whether there is a token at all, revoked ones included."""
    return bool(connection.rows("SELECT id FROM token LIMIT 1"))


def find_token(connection: Plain, hashed: str) -> FoundToken | None:
    """Return the token with the hash `hashed`, or None when it is unknown or not good (any more).

    A virtual key comes with its policy. It never makes an admin: programs have it.
    """
    found = connection.rows(_GOOD, [hashed, hashed])
    # The database looked a hash up, which tells nothing of the token; what it found is compared in
    # constant time all the same.
    if not found:
        return None
    ((token_id, name, end, kept, user_id, username, admin, current, former, until),) = found
    if not hmac.compare_digest(current, hashed):
        if not hmac.compare_digest(former or "", hashed):
            return None
        end = min(time for time in (end, until or 0) if time is not None)
    expires_at = None if end is None else moment(end)
    if expires_at is not None and expires_at <= datetime.now(UTC):
        return None
    groups = groups_of(connection, user_id)
    policy = None if kept is None else _kept(kept)
    is_shared = policy is not None and username.startswith(SHARED_PREFIX) and name
    user = f"{SHARED_PREFIX}{name}" if is_shared else username
    actor = Actor(user, user_id, groups, bool(admin) and policy is None, token_id, policy)
    return FoundToken(token_id, actor, expires_at)


def note_use(connection: Plain, used: dict[str, datetime]) -> None:
    """Keep when each of the tokens `used` (id → time) was last seen."""
    rows = [(microseconds(time), token_id) for token_id, time in used.items()]
    connection.run_each("UPDATE token SET last_used_at = ? WHERE id = ?", rows)


def _kept(policy: str) -> KeyPolicy:
    from provisioner.gateway.policy.key_policy import KeyPolicy  # noqa: PLC0415 - few tokens have one

    return KeyPolicy.kept(policy)


# Virtual keys have names of their own.
_NAMESAKES = (
    "SELECT id FROM token WHERE account_id = ? AND name = ? AND policy IS NULL "
    "AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) LIMIT 1"
)
_NEW_TOKEN = (
    "INSERT INTO token (id, account_id, name, hint, hash, created_at, expires_at) "  # noqa: S105
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_GOOD = (
    "SELECT token.id, token.name, token.expires_at, token.policy, "
    "account.id, account.username, account.admin, "
    "token.hash, token.former_hash, token.former_until "
    "FROM token JOIN account ON account.id = token.account_id "
    "WHERE (token.hash = ? OR token.former_hash = ?) "
    "AND token.revoked_at IS NULL AND token.disabled_at IS NULL"
)
