"""Gateway tokens: made at random, printed once, kept and looked up as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from provisioner.gateway.actor import Actor
from provisioner.gateway.record.accounts import SHARED_PREFIX, Account, groups_of
from provisioner.gateway.record.schema import account, token
from provisioner.gateway.record.stored import microseconds, moment, values_of
from provisioner.gateway.record.token_rows import token_rows
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.policy.key_policy import KeyPolicy

__all__ = [
    "TOKEN_PREFIX",
    "AmbiguousTokenError",
    "FoundToken",
    "TokenInfo",
    "TokenNameTakenError",
    "any_token",
    "create_token",
    "find_token",
    "is_limited",
    "list_tokens",
    "note_use",
    "revoke_token",
    "token_hash",
    "token_info",
    "token_state",
]

TOKEN_PREFIX = "prv_"  # noqa: S105 - the part that is no secret
"""How every token begins that a gateway makes."""

_RANDOM_BYTES = 24


@dataclass(frozen=True, slots=True)
class TokenInfo:
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


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A good token: who it belongs to and when it ends by itself."""

    id: str
    actor: Actor
    expires_at: datetime | None


class TokenNameTakenError(Exception):
    """The user has a token of that name which is still good."""


class AmbiguousTokenError(Exception):
    """Several tokens have that name; `tokens` are all of them."""

    def __init__(self, tokens: tuple[TokenInfo, ...]) -> None:
        """Take the tokens that could be meant."""
        super().__init__()
        self.tokens = tokens


def token_hash(value: str) -> str:
    """Return the form in which the token `value` is stored; headers may hold any bytes."""
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()


def create_token(
    connection: Connection,
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
        # Of two that want one name at once, the second waits here for the first.
        mine = select(account.c.id).where(account.c.id == owner.id).with_for_update()
        connection.execute(mine).one()
        named = (token.c.account_id == owner.id) & (token.c.name == name)
        if any(info.state(now) == "active" for info in _infos(connection, named)):
            raise TokenNameTakenError
    ends = [end for end in (now + lifetime if lifetime else None, until) if end]
    row = {
        "id": str(uuid.uuid4()),
        "account_id": owner.id,
        "name": name,
        "hint": secret.hint,
        "hash": token_hash(secret.reveal()),
        "created_at": microseconds(now),
        "expires_at": microseconds(min(ends)) if ends else None,
    }
    connection.execute(insert(token).values(row))
    made = connection.execute(_INFOS.where(token.c.id == row["id"])).mappings().one()
    return secret, _info(made)


def token_state(connection: Connection, hashed: str) -> str:
    """Return "revoked" or "expired" for a token that is not good any more, else nothing."""
    row = connection.execute(
        select(token.c.revoked_at, token.c.expires_at).where(token.c.hash == hashed)
    ).one_or_none()
    if row is None:
        return ""
    if row.revoked_at is not None:
        return "revoked"
    is_over = row.expires_at is not None and row.expires_at <= microseconds(datetime.now(UTC))
    return "expired" if is_over else ""


def any_token(connection: Connection) -> bool:
    """Say whether there is a token at all, revoked ones included."""
    return connection.execute(select(token.c.id).limit(1)).first() is not None


def find_token(connection: Connection, hashed: str) -> FoundToken | None:
    """Return the token with the hash `hashed`, or None when it is unknown or not good (any more).

    A virtual key comes with its policy. It never makes an admin: programs have it.
    """
    query = (
        select(token, account.c.username, account.c.admin)
        .join(account, account.c.id == token.c.account_id)
        .where(or_(token.c.hash == hashed, token.c.former_hash == hashed))
        .where(token.c.revoked_at.is_(None), token.c.disabled_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    # The database looked a hash up, which tells nothing of the token; what it found is compared in
    # constant time all the same.
    if row is None:
        return None
    ends = [row.expires_at]
    if not hmac.compare_digest(row.hash, hashed):
        if not hmac.compare_digest(row.former_hash or "", hashed):
            return None
        ends.append(row.former_until or 0)
    end = min((end for end in ends if end is not None), default=None)
    expires_at = None if end is None else moment(end)
    if expires_at is not None and expires_at <= datetime.now(UTC):
        return None
    groups = groups_of(connection, row.account_id)
    policy = None if row.policy is None else _kept(row.policy)
    admin = row.admin and policy is None
    user = row.username
    if policy is not None and user.startswith(SHARED_PREFIX) and row.name:
        user = f"{SHARED_PREFIX}{row.name}"
    actor = Actor(user, row.account_id, groups, admin, row.id, policy)
    return FoundToken(row.id, actor, expires_at)


def is_limited(connection: Connection, token_id: str) -> bool:
    """Say whether a token may do less than its user: then it must not make one that may more."""
    query = select(token.c.policy).where(token.c.id == token_id)
    return connection.execute(query).scalar_one_or_none() is not None


def list_tokens(connection: Connection, owner_id: str | None = None) -> tuple[TokenInfo, ...]:
    """Return all tokens, or those of one user, newest first."""
    mine = token.c.account_id == owner_id if owner_id is not None else token.c.id.is_not(None)
    return _infos(connection, mine)


def token_info(connection: Connection, which: str, owner_id: str | None = None) -> TokenInfo | None:
    """Return the token with the id or name `which`, or None when there is none.

    A name means a token that is not revoked, rather one that is not expired either. With
    `owner_id` only the tokens of that user count. Raises `AmbiguousTokenError` when that leaves
    several.
    """
    mine = token.c.account_id == owner_id if owner_id is not None else token.c.id.is_not(None)
    if found := _infos(connection, mine & (token.c.id == which)):
        return found[0]
    named = (token.c.name == which) & (token.c.name != "") & token.c.revoked_at.is_(None)
    found, now = _infos(connection, mine & named), datetime.now(UTC)
    found = tuple(info for info in found if info.state(now) == "active") or found
    if len(found) > 1:
        raise AmbiguousTokenError(found)
    return found[0] if found else None


def revoke_token(
    connection: Connection, which: str, owner_id: str | None = None
) -> TokenInfo | None:
    """Revoke the token that `token_info` finds; return it, or None when there is none."""
    found = token_info(connection, which, owner_id)
    if found is None:
        return None
    if found.revoked_at is None:
        now = microseconds(datetime.now(UTC))
        connection.execute(update(token).where(token.c.id == found.id).values(revoked_at=now))
    return token_info(connection, found.id)


def note_use(connection: Connection, used: dict[str, datetime]) -> None:
    """Keep when each of the tokens `used` (id → time) was last seen."""
    for token_id, time in used.items():
        at = microseconds(time)
        connection.execute(update(token).where(token.c.id == token_id).values(last_used_at=at))


_INFOS = token_rows().where(token.c.policy.is_(None))


def _infos(connection: Connection, condition: ColumnElement[bool]) -> tuple[TokenInfo, ...]:
    query = _INFOS.where(condition).order_by(token.c.created_at.desc(), token.c.id)
    return tuple(_info(row) for row in connection.execute(query).mappings())


def _info(row: RowMapping) -> TokenInfo:
    return TokenInfo(**values_of(row, row.keys()))


def _kept(policy: str) -> KeyPolicy:
    from provisioner.gateway.policy.key_policy import KeyPolicy  # noqa: PLC0415 - few tokens have one

    return KeyPolicy.kept(policy)
