"""Users and groups: made when a token is made for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, or_, select, update

from provisioner.gateway.record.schema import account, group_member, user_group
from provisioner.gateway.record.stored import microseconds, moment

__all__ = ["DEFAULT_USER", "Account", "ensure_account", "find_account", "groups_of", "join_groups"]

DEFAULT_USER = "local"
"""Who the token belongs to that the gateway makes by itself; an admin."""


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
        connection.execute(insert(account).values(row))
    elif admin and not found.admin:
        connection.execute(update(account).where(account.c.id == found.id).values(admin=True))
    made = find_account(connection, username)
    assert made is not None  # noqa: S101 - written a moment ago, in the same transaction
    return made


def find_account(connection: Connection, name_or_id: str) -> Account | None:
    """Return the user of that name or id."""
    fits = or_(account.c.username == name_or_id, account.c.id == name_or_id)
    row = connection.execute(select(account).where(fits)).first()
    if row is None:
        return None
    return Account(row.id, row.username, row.admin, moment(row.created_at))


def join_groups(connection: Connection, member: Account, names: Iterable[str]) -> None:
    """Put `member` into the groups `names`, made when missing."""
    there = groups_of(connection, member.id)
    for name in names:
        if name in there:
            continue
        query = select(user_group.c.id).where(user_group.c.name == name)
        group_id = connection.execute(query).scalar_one_or_none()
        if group_id is None:
            group_id = str(uuid.uuid4())
            connection.execute(insert(user_group).values(id=group_id, name=name))
        connection.execute(insert(group_member).values(group_id=group_id, account_id=member.id))


def groups_of(connection: Connection, account_id: str) -> frozenset[str]:
    """Return the names of the groups that a user is in."""
    query = (
        select(user_group.c.name)
        .join(group_member, group_member.c.group_id == user_group.c.id)
        .where(group_member.c.account_id == account_id)
    )
    return frozenset(connection.execute(query).scalars())
