"""Providers that an admin set up: read, added, changed, removed; what all gateways serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Row, delete, insert, select, update

from provisioner.gateway.record.schema import ai_provider

__all__ = [
    "StoredKey",
    "StoredProvider",
    "add_provider",
    "change_provider",
    "provider_marks",
    "read_providers",
    "remove_provider",
]


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of a provider: what may be shown of it, and itself, sealed."""

    id: str
    hint: str
    sealed: str
    created_at: int


@dataclass(frozen=True, slots=True)
class StoredProvider:
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


def read_providers(connection: Connection) -> tuple[StoredProvider, ...]:
    """Return all, by name."""
    rows = connection.execute(select(ai_provider).order_by(ai_provider.c.name))
    return tuple(_provider(row) for row in rows)


def provider_marks(connection: Connection) -> Mapping[str, int]:
    """Return what is another whenever one was added, changed or removed."""
    rows = connection.execute(select(ai_provider.c.id, ai_provider.c.updated_at))
    return {row.id: row.updated_at for row in rows}


def add_provider(connection: Connection, provider: StoredProvider) -> None:
    """Keep a new one."""
    connection.execute(insert(ai_provider).values(_row(provider)))


def change_provider(connection: Connection, provider: StoredProvider) -> None:
    """Keep `provider` in place of the one with its id."""
    found = ai_provider.c.id == provider.id
    connection.execute(update(ai_provider).where(found).values(_row(provider)))


def remove_provider(connection: Connection, provider_id: str) -> None:
    """Forget the one with that id, and its keys."""
    connection.execute(delete(ai_provider).where(ai_provider.c.id == provider_id))


def _provider(row: Row[tuple[object, ...]]) -> StoredProvider:
    keys = tuple(StoredKey(**key) for key in json.loads(row.api_keys))
    return StoredProvider(**{**row._mapping, "api_keys": keys})  # noqa: SLF001 - its name


def _row(provider: StoredProvider) -> Mapping[str, object]:
    return {**asdict(provider), "api_keys": json.dumps([asdict(key) for key in provider.api_keys])}
