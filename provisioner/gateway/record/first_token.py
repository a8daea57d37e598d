"""The token that a new database gets: without one nobody could ask for another."""

from __future__ import annotations

from provisioner.gateway.record.accounts import DEFAULT_USER, ensure_account
from provisioner.gateway.record.plain import Plain
from provisioner.gateway.record.tokens import any_token, create_token
from provisioner.gateway.record.turn import take_turn
from provisioner.redact import Secret

__all__ = ["first_token"]


def first_token(connection: Plain) -> Secret | None:
    """Make the first token of a database; None when there ever was one.

    Of gateways that start at once on a new database only one makes it.
    """
    take_turn(connection)
    if any_token(connection):
        return None
    owner = ensure_account(connection, DEFAULT_USER, admin=True)
    return create_token(connection, owner, name="first")[0]
