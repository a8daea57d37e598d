"""Providers that an admin set up: read, added, changed, removed; what all gateways serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, fields

from provisioner.gateway.record.plain import Plain, marks

__all__ = [
    "StoredKey",
    "StoredProvider",
    "add_provider",
    "change_provider",
    "provider_marks",
    "read_providers",
    "remove_provider",
]


class StoredKey(Struct, frozen=True):
    """A key of a provider: what may be shown of it, and itself, sealed."""

    id: str
    hint: str
    sealed: str
    created_at: int


class StoredProvider(Struct, frozen=True):
    """What is kept of a provider; times are microseconds since 1970."""

    id: str
    name: str
    type: str
    upstream: str
    display_name: str
    icon: str
    base_url: str
    enabled: bool
    api_keys: tuple[StoredKey, ...]
    created_at: int
    updated_at: int


def read_providers(connection: Plain) -> tuple[StoredProvider, ...]:
    """Return all, by name."""
    return tuple(_provider(row) for row in connection.rows(_ALL))


def provider_marks(connection: Plain) -> Mapping[str, int]:
    """Return what is another whenever one was added, changed or removed."""
    return dict(connection.rows("SELECT id, updated_at FROM ai_provider"))


def add_provider(connection: Plain, provider: StoredProvider) -> None:
    """Keep a new one."""
    connection.run(_ADD, _row(provider))


def change_provider(connection: Plain, provider: StoredProvider) -> None:
    """Keep `provider` in place of the one with its id."""
    connection.run(_CHANGE, [*_row(provider), provider.id])


def remove_provider(connection: Plain, provider_id: str) -> None:
    """Forget the one with that id, and its keys."""
    connection.run("DELETE FROM ai_provider WHERE id = ?", [provider_id])


# A field is a column.
_NAMES = tuple(field.name for field in fields(StoredProvider))
_COLUMNS = ", ".join(_NAMES)
_VALUES = marks(len(_NAMES))
_ALL = f"SELECT {_COLUMNS} FROM ai_provider ORDER BY name"  # noqa: S608
_ADD = f"INSERT INTO ai_provider ({_COLUMNS}) VALUES ({_VALUES})"  # noqa: S608
_CHANGE = f"UPDATE ai_provider SET ({_COLUMNS}) = ({_VALUES}) WHERE id = ?"  # noqa: S608


def _provider(row: tuple[Any, ...]) -> StoredProvider:
    values = dict(zip(_NAMES, row, strict=True))
    keys = tuple(StoredKey(**key) for key in json.loads(values["api_keys"]))
    return StoredProvider(**{**values, "enabled": bool(values["enabled"]), "api_keys": keys})


def _row(provider: StoredProvider) -> list[object]:
    keys = json.dumps([asdict(key) for key in provider.api_keys])
    return [keys if name == "api_keys" else getattr(provider, name) for name in _NAMES]
