"""The configured providers in, what the management API tells of them out: keys as hints."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from provisioner.gateway.management.call import timestamp
from provisioner.gateway.provider_config import ProviderConfig
from provisioner.redact import Secret

__all__ = ["provider_documents"]


def provider_documents(
    providers: Sequence[ProviderConfig], keys: Mapping[str, Sequence[Secret]], at: datetime
) -> tuple[Mapping[str, object], ...]:
    """Return what is told of `providers`, whose `keys` are by name; all were read `at` that time.

    The shape is Coder's, of releases from 2.36 on.
    """
    return tuple(_document(entry, keys.get(entry.name, ()), at) for entry in providers)


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
        "settings": {"upstream": provider.upstream},
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
