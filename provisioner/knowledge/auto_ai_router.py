"""What stands in a configuration file of Auto AI Router: keys by table, types of credentials."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data

__all__ = ["ENVIRONMENT", "CredentialType", "RouterKey", "credential_types", "router_keys"]

ENVIRONMENT = "os.environ/"
"""What a value begins with that stands in the environment variable named behind it."""


class RouterKey(Struct, frozen=True):
    """One key of one table. `default` is written as in the file, empty where there is none.

    `type` is text, integer, limit (-1 is unlimited), switch, duration, ban (a duration or
    "permanent"), codes (statuses), map (text to text), table, tables, or any.
    """

    type: str
    default: str = ""
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()
    """All values there are, if they are few."""
    secret: bool = False
    served: bool = False
    """Whether the reference gateway does what it says."""


class CredentialType(Struct, frozen=True):
    """One kind of service."""

    needs: tuple[str, ...]
    """Keys without which the router does not start."""
    upstream: str
    """That of the reference gateway, empty where it has none."""
    listed: bool
    """Whether the router's message about types names it."""
    named: bool = False
    """Whether the router's messages about missing keys repeat the type."""
    page_url: str = ""
    """The base URL that is meant where the router's page has none."""


@cache
def router_keys() -> Mapping[str, Mapping[str, RouterKey]]:
    """Return the keys of each table; that of the whole file is "root"."""
    tables = toml_data("auto_ai_router.toml")["table"]
    return {
        table: {
            name: RouterKey(**{**row, "words": tuple(row.get("words", ()))})
            for name, row in rows.items()
        }
        for table, rows in tables.items()
    }


@cache
def credential_types() -> Mapping[str, CredentialType]:
    """Return the types by their name."""
    return {
        name: CredentialType(**{**row, "needs": tuple(row["needs"])})
        for name, row in toml_data("auto_ai_router.toml")["type"].items()
    }
