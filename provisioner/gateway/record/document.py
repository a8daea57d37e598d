"""A record in, all that it holds out as JSON has it, under the names that Coder gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from provisioner.gateway.record.model import InterceptionRecord, InterceptionStart

__all__ = ["record_document", "timestamp"]

# Coder calls the type of a provider `provider`.
_NAMES: Mapping[str, str] = {"provider": "provider_name", "provider_type": "provider"}


def record_document(record: InterceptionStart | InterceptionRecord) -> dict[str, Any]:
    """Return every field of `record`; times are text."""
    return {_NAMES.get(name, name): _plain(value) for name, value in asdict(record).items()}


def timestamp(moment: datetime | None) -> str | None:
    """Return a time as JSON has it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Struct):
        return {name: _plain(part) for name, part in asdict(value).items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
