"""Users and groups: made when a token is made for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select, update

from provisioner.gateway.record.insert_new import insert_new
from provisioner.gateway.record.schema import account, group_member, user_group
from provisioner.gateway.record.stored import microseconds, moment

__all__ = [
    "DEFAULT_USER",
    "SHARED_PREFIX",
    "Account",
    "ensure_account",
    "find_account",
    "groups_of",
    "join_groups",
]

DEFAULT_USER = "local"
"""Who the token belongs to that the gateway makes by itself; an admin."""
SHARED_PREFIX = "key:"
"""How the users begin that shared virtual keys are: the id of the key follows, so that no other
key is the same user before or after it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the gateway; an admin sees what all users did and manages their tokens."""

    id: str
    username: str
    admin: bool
    created_at: datetime


def ensure_account(connection: Connection, username: str, *, admin: bool = False) -> Account:
    """Return the user `username`, made when missing; `admin` makes it one, and never unmakes."""
    found = find_account(connection, username)
    if found is None:
        row = {
            "id": str(uuid.uuid4()),
            "username": username,
            "admin": admin,
            "created_at": microseconds(datetime.now(UTC)),
        }
        insert_new(connection, account, [row])
        # Another one may have made it meanwhile, not as an admin.
        found = find_account(connection, username)
        assert found is not None  # noqa: S101 - nobody takes an account away
    if admin and not found.admin:
        connection.execute(update(account).where(account.c.id == found.id).values(admin=True))
        found = replace(found, admin=True)
    return found


def find_account(connection: Connection, name_or_id: str) -> Account | None:
    """Return the user of that name or id."""
    fits = or_(account.c.username == name_or_id, account.c.id == name_or_id)
    row = connection.execute(select(account).where(fits)).first()
    if row is None:
        return None
    return Account(row.id, row.username, row.admin, moment(row.created_at))


def join_groups(connection: Connection, member: Account, names: Iterable[str]) -> None:
    """Put `member` into the groups `names`, made when missing."""
    # In one order, so that two that make the same groups do not wait for each other.
    missing = sorted(set(names) - groups_of(connection, member.id))
    if not missing:
        return
    made: list[dict[str, object]] = [{"id": str(uuid.uuid4()), "name": name} for name in missing]
    insert_new(connection, user_group, made)
    query = select(user_group.c.id).where(user_group.c.name.in_(missing)).order_by(user_group.c.id)
    ids = connection.execute(query).scalars()
    insert_new(
        connection, group_member, [{"group_id": each, "account_id": member.id} for each in ids]
    )


def groups_of(connection: Connection, account_id: str) -> frozenset[str]:
    """Return the names of the groups that a user is in."""
    query = (
        select(user_group.c.name)
        .join(group_member, group_member.c.group_id == user_group.c.id)
        .where(group_member.c.account_id == account_id)
    )
    return frozenset(connection.execute(query).scalars())
