"""What is told of a token, whether it has a policy or not: the columns, with those of its user."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from provisioner.gateway.record.schema import account, token

__all__ = ["token_rows"]


def token_rows(*more: ColumnElement[Any]) -> Select[Any]:
    """Return the query for all tokens, with the columns `more` besides those of every token."""
    return select(
        token.c.id,
        account.c.username.label("user"),
        account.c.id.label("user_id"),
        token.c.name,
        token.c.hint,
        token.c.created_at,
        token.c.expires_at,
        token.c.revoked_at,
        token.c.last_used_at,
        *more,
    ).join(account, account.c.id == token.c.account_id)
