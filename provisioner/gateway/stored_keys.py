"""A database of tokens and virtual keys in, the authenticator that looks them up out."""

from __future__ import annotations

from provisioner.gateway.auth import Authenticator, TokenCheck
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.tokens import FoundToken, find_token, token_state
from provisioner.gateway.virtual_key import hasher
from provisioner.redact import Secret

__all__ = ["stored_keys"]


def stored_keys(
    database: Database, check: TokenCheck | None, pepper: Secret | None, *, tells_state: bool
) -> Authenticator:
    """Return what knows the tokens of `database`, and asks `check` about others.

    With `pepper` there are virtual keys among them, what became of which is looked up too; of
    tokens it is where the dialect `tells_state`.
    """

    async def find(hashed: str) -> FoundToken | None:
        return await database.read_plain_async(lambda connection: find_token(connection, hashed))

    async def state_of_token(hashed: str) -> str:
        return await database.read_plain_async(lambda connection: token_state(connection, hashed))

    if pepper is None:
        return Authenticator(find, check, state=state_of_token if tells_state else None)
    from provisioner.gateway.record.virtual_keys import key_state  # noqa: PLC0415 - few have keys

    async def state_of_key(hashed: str) -> str:
        return await database.read_async(lambda connection: key_state(connection, hashed))

    return Authenticator(find, check, hashed=hasher(pepper), state=state_of_key)
