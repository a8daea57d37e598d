"""Providers in, what the management API tells of them out: keys as hints.

The shape is Coder's, of releases from 2.36 on.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.gateway.management.call import timestamp
from provisioner.gateway.record.stored import moment
from provisioner.redact import Secret

if TYPE_CHECKING:
    from provisioner.gateway.provider_config import ProviderConfig
    from provisioner.gateway.record.providers import StoredProvider

__all__ = ["provider_documents", "stored_document"]


def provider_documents(
    providers: Sequence[ProviderConfig], keys: Mapping[str, Sequence[Secret]], at: datetime
) -> tuple[Mapping[str, object], ...]:
    """Return what is told of configured `providers`, all of which were read `at` that time.

    Their `keys` are by name.
    """
    return tuple(_document(entry, keys.get(entry.name, ()), at) for entry in providers)


def stored_document(provider: StoredProvider, config: ProviderConfig) -> dict[str, object]:
    """Return what is told of `provider`, which is served as `config` says."""
    return {
        "id": provider.id,
        "name": provider.name,
        "type": provider.type,
        "display_name": provider.display_name or provider.name,
        "icon": provider.icon,
        "base_url": config.url,
        "enabled": provider.enabled,
        # Coder has settings for Bedrock alone, and its client refuses any others.
        "settings": None,
        "upstream": provider.upstream,
        "api_keys": [
            {
                "id": key.id,
                "masked": key.hint,
                "created_at": timestamp(moment(key.created_at)),
            }
            for key in provider.api_keys
        ],
        "created_at": timestamp(moment(provider.created_at)),
        "updated_at": timestamp(moment(provider.updated_at)),
    }


def _document(
    provider: ProviderConfig, keys: Sequence[Secret], at: datetime
) -> Mapping[str, object]:
    return {
        "id": _id("provider", provider.name),
        "name": provider.name,
        "type": provider.type,
        "display_name": provider.name,
        "icon": "",
        "base_url": provider.url,
        "enabled": provider.enabled,
        "settings": None,
        "upstream": provider.upstream,
        "api_keys": [
            {
                "id": _id("provider key", provider.name, variable),
                "masked": key.hint,
                "created_at": timestamp(at),
            }
            for variable, key in zip(provider.key_env, keys, strict=True)
        ],
        "created_at": timestamp(at),
        "updated_at": timestamp(at),
    }


def _id(*names: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(names)))
