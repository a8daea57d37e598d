"""Virtual keys in the database: tokens with a policy, rotated, switched off and on, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, insert, or_, select, update

from provisioner.gateway.policy.key_policy import KeyPolicy
from provisioner.gateway.record.accounts import Account
from provisioner.gateway.record.schema import account, token
from provisioner.gateway.record.stored import microseconds, values_of
from provisioner.redact import Secret

__all__ = [
    "GRACE",
    "KeyInfo",
    "NewSecret",
    "change_key",
    "create_key",
    "find_key",
    "key_state",
    "list_keys",
    "rotate_key",
]

GRACE = timedelta(hours=24)
"""For how long a secret works after it was rotated, as LangWatch has it."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made: itself, what is shown of it, and what is kept of it."""

    value: Secret
    hint: str
    hash: str


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What is kept of a virtual key; of its secret only `hint`, how it begins."""

    id: str
    user: str
    user_id: str
    name: str
    hint: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    disabled_at: datetime | None
    last_used_at: datetime | None
    former_until: datetime | None
    policy: KeyPolicy

    def state(self, now: datetime) -> str:
        """Return `active`, `expired`, `disabled` or `revoked`, the worst of them."""
        if self.revoked_at is not None:
            return "revoked"
        if self.disabled_at is not None:
            return "disabled"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


def create_key(
    connection: Connection,
    owner: Account,
    secret: NewSecret,
    policy: KeyPolicy,
    *,
    key_id: str,
    name: str = "",
    expires_at: datetime | None = None,
) -> KeyInfo:
    """Keep a new key of `owner` under the id `key_id`, a UUID."""
    row = {
        "id": key_id,
        "account_id": owner.id,
        "name": name,
        "hint": secret.hint,
        "hash": secret.hash,
        "created_at": microseconds(datetime.now(UTC)),
        "expires_at": expires_at and microseconds(expires_at),
        "policy": _policy_json(policy),
    }
    connection.execute(insert(token).values(row))
    return _one(connection, key_id)


def list_keys(connection: Connection) -> tuple[KeyInfo, ...]:
    """Return all keys, newest first."""
    query = _KEYS.order_by(token.c.created_at.desc(), token.c.id)
    return tuple(_info(row) for row in connection.execute(query).mappings())


def find_key(connection: Connection, which: str) -> KeyInfo | None:
    """Return the key with the id `which`, or the one of that name that is not revoked."""
    named = and_(token.c.name == which, token.c.name != "", token.c.revoked_at.is_(None))
    query = _KEYS.where(or_(token.c.id == which, named)).order_by(token.c.created_at.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else _info(row)


def change_key(connection: Connection, key: KeyInfo, changes: Mapping[str, object]) -> KeyInfo:
    """Set `changes`, of `name`, `policy` and times, and return what `key` is then."""
    values = {
        name: _policy_json(value)
        if isinstance(value, KeyPolicy)
        else microseconds(value)
        if isinstance(value, datetime)
        else value
        for name, value in changes.items()
    }
    if values:
        connection.execute(update(token).where(token.c.id == key.id).values(values))
    return _one(connection, key.id)


def rotate_key(connection: Connection, key: KeyInfo, secret: NewSecret) -> KeyInfo:
    """Give `key` another secret; the one before works for `GRACE`, an older one no more."""
    before = select(token.c.hash).where(token.c.id == key.id)
    values = {
        "former_hash": connection.execute(before).scalar_one(),
        "former_until": microseconds(datetime.now(UTC) + GRACE),
        "hash": secret.hash,
        "hint": secret.hint,
    }
    connection.execute(update(token).where(token.c.id == key.id).values(values))
    return _one(connection, key.id)


def key_state(connection: Connection, hashed: str) -> str:
    """Return the state of the key that is stored as `hashed`, empty for one that is not known.

    The secret before is as good a name for a key as the new one, for as long as both open it.
    """
    now = datetime.now(UTC)
    is_former = (token.c.former_hash == hashed) & (token.c.former_until > microseconds(now))
    query = _KEYS.where(or_(token.c.hash == hashed, is_former))
    row = connection.execute(query).mappings().one_or_none()
    return "" if row is None else _info(row).state(now)


_KEYS = (
    select(
        token.c.id,
        account.c.username.label("user"),
        account.c.id.label("user_id"),
        token.c.name,
        token.c.hint,
        token.c.created_at,
        token.c.expires_at,
        token.c.revoked_at,
        token.c.last_used_at,
        token.c.disabled_at,
        token.c.former_until.label("former_at"),
        token.c.policy,
    )
    .join(account, account.c.id == token.c.account_id)
    .where(token.c.policy.is_not(None))
)


def _one(connection: Connection, key_id: str) -> KeyInfo:
    return _info(connection.execute(_KEYS.where(token.c.id == key_id)).mappings().one())


def _info(row: RowMapping) -> KeyInfo:
    values: dict[str, Any] = values_of(row, row.keys())
    policy = KeyPolicy.kept(values.pop("policy"))
    former_until = values.pop("former_at")
    return KeyInfo(**values, former_until=former_until, policy=policy)


def _policy_json(policy: KeyPolicy) -> str:
    return policy.model_dump_json(exclude_defaults=True)
