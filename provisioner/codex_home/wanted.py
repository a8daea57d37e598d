"""Rendered config.toml → the keys it sets; and what may stand beside them in a provider table."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.codex_home.document import Document
from provisioner.codex_home.model import KeyPath
from provisioner.codex_home.toml_layout import starts_with
from provisioner.codex_home.toml_values import leaves

__all__ = ["HARMLESS_PROVIDER_KEYS", "PROVIDERS", "provider_tables", "wanted_keys"]

PROVIDERS = "model_providers"

HARMLESS_PROVIDER_KEYS = frozenset(
    {
        "request_max_retries",
        "stream_idle_timeout_ms",
        "stream_max_retries",
        "websocket_connect_timeout_ms",
    }
)
"""Keys of ours or of the user that change how long Codex tries, never what it sends or where."""


def wanted_keys(document: Document) -> dict[KeyPath, str]:
    """Return the TOML value of every key that `document` sets.

    A key of a provider table is one whole, whatever tables are in it: a header that somebody put
    beside ours would be sent too.
    """
    keys = dict[KeyPath, str]()
    for leaf, _ in leaves(document.data):
        path = leaf[:3] if leaf[0] == PROVIDERS else leaf
        raw = document.raw(path)
        if raw is not None and document.get(path) != {}:
            keys[path] = raw
    return keys


def provider_tables(wanted: Mapping[KeyPath, str]) -> tuple[KeyPath, ...]:
    """Return the provider tables that `wanted` has keys of."""
    return tuple({path[:2]: None for path in wanted if starts_with(path, (PROVIDERS,))})
