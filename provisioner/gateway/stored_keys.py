"""A database of tokens and virtual keys in, the authenticator that looks them up out."""

from __future__ import annotations

from provisioner.gateway.auth import Authenticator
from provisioner.gateway.record.database import Database
from provisioner.gateway.record.tokens import FoundToken, find_token, token_state
from provisioner.gateway.record.virtual_keys import key_state
from provisioner.gateway.router.master_key import MasterKey
from provisioner.gateway.token_check import HttpTokenCheck
from provisioner.gateway.virtual_key import hasher
from provisioner.redact import Secret

__all__ = ["stored_keys"]


def stored_keys(
    database: Database, check: HttpTokenCheck | MasterKey | None, pepper: Secret | None
) -> Authenticator:
    """Return what knows the tokens of `database`, and asks `check` about others.

    With `pepper` there are virtual keys among them. Where a dialect tells what became of a key, its
    state is looked up too.
    """

    async def find(hashed: str) -> FoundToken | None:
        return await database.read_async(lambda connection: find_token(connection, hashed))

    async def state_of(hashed: str) -> str:
        state = token_state if pepper is None else key_state
        return await database.read_async(lambda connection: state(connection, hashed))

    if pepper is None:
        return Authenticator(find, check, state=state_of if isinstance(check, MasterKey) else None)
    return Authenticator(find, check, hashed=hasher(pepper), state=state_of)
