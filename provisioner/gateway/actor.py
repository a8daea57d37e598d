"""Who a request is attributed to, and whose credential pays for it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from provisioner.gateway.policy.key_policy import KeyPolicy

__all__ = ["Actor", "CredentialKind"]


class CredentialKind(enum.StrEnum):
    """Whose credential reaches the upstream."""

    CENTRALIZED = "centralized"
    """The one the gateway holds."""
    BYOK = "byok"
    """The one the user sent along: an API key or a ChatGPT login."""


class Actor(Struct, frozen=True):
    """A user the gateway has authenticated.

    `user` is the name, `id` outlives a change of name. An admin sees what all users did.
    `token_id` is the token the user came with, `policy` what that one may do, None for everything.
    """

    user: str
    id: str = ""
    groups: frozenset[str] = frozenset()
    admin: bool = False
    token_id: str = ""
    policy: KeyPolicy | None = None
