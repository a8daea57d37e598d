"""Tokens as their users and admins manage them: listed, found by id or name, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.stored import microseconds, moment
from provisioner.gateway.record.tokens import TokenInfo

__all__ = ["AmbiguousTokenError", "is_limited", "list_tokens", "revoke_token", "token_info"]


class AmbiguousTokenError(Exception):
    """Several tokens have that name; `tokens` are all of them."""

    def __init__(self, tokens: tuple[TokenInfo, ...]) -> None:
        """Take the tokens that could be meant."""
        super().__init__()
        self.tokens = tokens


def list_tokens(connection: Plain, owner_id: str | None = None) -> tuple[TokenInfo, ...]:
    """Return all tokens, or those of one user, newest first."""
    return _infos(connection, owner_id)


def token_info(connection: Plain, which: str, owner_id: str | None = None) -> TokenInfo | None:
    """Return the token with the id or name `which`, or None when there is none.

    A name means a token that is not revoked, rather one that is not expired either. With
    `owner_id` only the tokens of that user count. Raises `AmbiguousTokenError` when that leaves
    several.
    """
    if found := _infos(connection, owner_id, "token.id = ?", [which]):
        return found[0]
    named = "token.name = ? AND token.name <> '' AND token.revoked_at IS NULL"
    found, now = _infos(connection, owner_id, named, [which]), datetime.now(UTC)
    found = tuple(info for info in found if info.state(now) == "active") or found
    if len(found) > 1:
        raise AmbiguousTokenError(found)
    return found[0] if found else None


def revoke_token(connection: Plain, which: str, owner_id: str | None = None) -> TokenInfo | None:
    """Revoke the token that `token_info` finds; return it, or None when there is none."""
    found = token_info(connection, which, owner_id)
    if found is None:
        return None
    if found.revoked_at is None:
        now = microseconds(datetime.now(UTC))
        connection.run("UPDATE token SET revoked_at = ? WHERE id = ?", [now, found.id])
    return token_info(connection, found.id)


def is_limited(connection: Plain, token_id: str) -> bool:
    """Say whether a token may do less than its user: then it must not make one that may more."""
    query = "SELECT id FROM token WHERE id = ? AND policy IS NOT NULL"
    return bool(connection.rows(query, [token_id]))


# Virtual keys are managed elsewhere.
_INFOS = (
    "SELECT token.id, account.username, account.id, token.name, token.hint, token.created_at, "
    "token.expires_at, token.revoked_at, token.last_used_at "
    "FROM token JOIN account ON account.id = token.account_id WHERE token.policy IS NULL"
)


def _infos(
    connection: Plain,
    owner_id: str | None,
    condition: str = "",
    values: Sequence[object] = (),
) -> tuple[TokenInfo, ...]:
    """Return what fits the `condition` with its `values`, of one user or all, newest first."""
    conditions, values = ([condition] if condition else []), list(values)
    if owner_id is not None:
        conditions.append("token.account_id = ?")
        values.append(owner_id)
    query = " AND ".join([_INFOS, *conditions])
    rows = connection.rows(f"{query} ORDER BY token.created_at DESC, token.id", values)
    return tuple(_info(row) for row in rows)


def _info(row: tuple[Any, ...]) -> TokenInfo:
    token_id, user, user_id, name, hint, created_at, *times = row
    others = (None if time is None else moment(time) for time in times)
    return TokenInfo(token_id, user, user_id, name, hint, moment(created_at), *others)
