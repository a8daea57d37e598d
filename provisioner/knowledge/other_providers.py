"""Schemas of other providers' resources, in the form of `terraform providers schema -json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.knowledge.data import json_data, toml_data

__all__ = ["provider_schemas"]

_FLAGS = {
    "required": {"required": True},
    "optional": {"optional": True},
    "computed": {"computed": True},
    "both": {"optional": True, "computed": True},
}


def provider_schemas() -> dict[str, Mapping[str, Any]]:
    """Return every schema there is, Coder's too, by address such as `registry.terraform.io/a/b`."""
    known: dict[str, Mapping[str, Any]] = dict(json_data("coder_provider.json")["provider_schemas"])
    return known | {
        address: {
            "provider": _schema(tables.get("provider", {})),
            "resource_schemas": _schemas(tables.get("resource", {})),
            "data_source_schemas": _schemas(tables.get("data", {})),
        }
        for address, tables in toml_data("other_providers.toml").items()
    }


def _schemas(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: _schema(table) for name, table in tables.items()}


def _schema(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"version": 0, "block": _block(table)}


def _block(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "attributes": {
            name: {"type": kind, **flags}
            for flag, flags in _FLAGS.items()
            for name, kind in table.get(flag, {}).items()
        },
        "block_types": {
            name: {
                "nesting_mode": nested["nesting"],
                "block": _block(nested),
                "max_items": nested.get("most", 0),
            }
            for name, nested in table.get("blocks", {}).items()
        },
    }
