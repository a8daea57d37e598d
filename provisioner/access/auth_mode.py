"""The auth modes: who pays for a model, and where such a session may run."""

from __future__ import annotations

import enum
from collections.abc import Mapping

__all__ = ["CLOUD_ONLY", "LOCAL_ONLY", "PLACES", "PREFERENCE", "AuthMode", "Place"]


class Place(enum.StrEnum):
    """Where a session runs, as far as credentials are concerned."""

    LOCAL = "local"
    """On the machine whose logins and model server it uses."""
    CLOUD = "cloud"
    """On any other, a container on the same host among them."""


class AuthMode(enum.StrEnum):
    """Who pays, and with which credential."""

    BYOK = "byok"
    """The user, with an API key of their own."""
    METERED = "metered"
    """The organization, by usage: the gateway holds the key and keeps a ledger."""
    SHARED = "shared"
    """The organization, out of a quota for every day that all share."""
    HOST_SESSION = "host-session"
    """The user's ChatGPT subscription, by the login on this machine."""
    LOCAL = "local"
    """Nobody: a model server on this machine answers."""


PREFERENCE = tuple(AuthMode)
"""The order in which modes are taken unless a policy has its own (rensei.ai, August 2026)."""

PLACES: Mapping[AuthMode, frozenset[Place]] = {
    AuthMode.BYOK: frozenset({Place.CLOUD, Place.LOCAL}),
    AuthMode.METERED: frozenset({Place.CLOUD}),
    AuthMode.SHARED: frozenset({Place.CLOUD}),
    AuthMode.HOST_SESSION: frozenset({Place.LOCAL}),
    AuthMode.LOCAL: frozenset({Place.LOCAL}),
}
"""Where each mode may run (rensei.ai, August 2026)."""

LOCAL_ONLY = frozenset(mode for mode, places in PLACES.items() if places == {Place.LOCAL})
CLOUD_ONLY = frozenset(mode for mode, places in PLACES.items() if places == {Place.CLOUD})
