"""Users and groups: made when a token is made for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from provisioner.gateway.record.plain import Plain, among
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


class Account(Struct, frozen=True):
    """A user of the gateway; an admin sees what all users did and manages their tokens."""

    id: str
    username: str
    admin: bool
    created_at: datetime


def ensure_account(connection: Plain, username: str, *, admin: bool = False) -> Account:
    """Return the user `username`, made when missing; `admin` makes it one, and never unmakes."""
    found = find_account(connection, username)
    if found is None:
        row = (str(uuid.uuid4()), username, admin, microseconds(datetime.now(UTC)))
        connection.run(_NEW_ACCOUNT, row)
        # Another one may have made it meanwhile, not as an admin.
        found = find_account(connection, username)
        assert found is not None  # noqa: S101 - nobody takes an account away
    if admin and not found.admin:
        connection.run("UPDATE account SET admin = ? WHERE id = ?", [True, found.id])
        found = replace(found, admin=True)
    return found


def find_account(connection: Plain, name_or_id: str) -> Account | None:
    """Return the user of that name or id."""
    found = connection.rows(_ACCOUNT, [name_or_id, name_or_id])
    if not found:
        return None
    account_id, username, admin, created_at = found[0]
    return Account(account_id, username, bool(admin), moment(created_at))


def join_groups(connection: Plain, member: Account, names: Iterable[str]) -> None:
    """Put `member` into the groups `names`, made when missing."""
    # In one order, so that two that make the same groups do not wait for each other.
    missing = sorted(set(names) - groups_of(connection, member.id))
    if not missing:
        return
    connection.run_each(_NEW_GROUP, [(str(uuid.uuid4()), name) for name in missing])
    those, values = among(connection, missing)
    ids = connection.rows(_GROUP_IDS.format(those), values)
    connection.run_each(_NEW_MEMBER, [(group_id, member.id) for (group_id,) in ids])


def groups_of(connection: Plain, account_id: str) -> frozenset[str]:
    """Return the names of the groups that a user is in."""
    return frozenset(name for (name,) in connection.rows(_GROUPS, [account_id]))


_GROUP_IDS = "SELECT id FROM user_group WHERE name {} ORDER BY id"
_NEW_ACCOUNT = (
    "INSERT INTO account (id, username, admin, created_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
_NEW_GROUP = "INSERT INTO user_group (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NEW_MEMBER = "INSERT INTO group_member (group_id, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ACCOUNT = "SELECT id, username, admin, created_at FROM account WHERE username = ? OR id = ?"
_GROUPS = (
    "SELECT user_group.name FROM user_group "
    "JOIN group_member ON group_member.group_id = user_group.id WHERE group_member.account_id = ?"
)
