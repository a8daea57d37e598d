"""Schemas of other providers' resources, in the form of `terraform providers schema -json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.knowledge.data import json_data, toml_data

__all__ = ["PROVIDERS", "provider_schemas"]

PROVIDERS = ("aws", "azurerm", "cloudinit", "docker", "google", "kubernetes", "tls")
"""The files in `provider_schemas`; docker.toml explains what stands in them."""

_FLAGS = {
    "required": {"required": True},
    "optional": {"optional": True},
    "computed": {"computed": True},
    "both": {"optional": True, "computed": True},
}
_Tables = Mapping[str, Mapping[str, Any]]


def provider_schemas() -> dict[str, Mapping[str, Any]]:
    """Return every schema there is, Coder's too, by address such as `registry.terraform.io/a/b`."""
    known: dict[str, Mapping[str, Any]] = dict(json_data("coder_provider.json")["provider_schemas"])
    return known | dict(_provider(name) for name in PROVIDERS)


def _provider(name: str) -> tuple[str, Mapping[str, Any]]:
    tables = toml_data(f"provider_schemas/{name}.toml")
    shapes = tables.get("shape", {})
    return tables["address"], {
        "provider": _schema(tables.get("provider", {}), shapes),
        "resource_schemas": _schemas(tables.get("resource", {}), shapes),
        "data_source_schemas": _schemas(tables.get("data", {}), shapes),
    }


def _schemas(tables: _Tables, shapes: _Tables) -> dict[str, Mapping[str, Any]]:
    return {name: _schema(table, shapes) for name, table in tables.items()}


def _schema(table: Mapping[str, Any], shapes: _Tables) -> Mapping[str, Any]:
    return {"version": 0, "block": _block(table, shapes)}


def _block(table: Mapping[str, Any], shapes: _Tables) -> Mapping[str, Any]:
    secret = table.get("secret", ())
    return {
        "attributes": {
            name: {"type": kind, "sensitive": name in secret, **flags}
            for flag, flags in _FLAGS.items()
            for name, kind in table.get(flag, {}).items()
        },
        "block_types": {
            name: {
                "nesting_mode": nested["nesting"],
                "block": _block(shapes[nested["shape"]] if "shape" in nested else nested, shapes),
                "min_items": nested.get("least", 0),
                "max_items": nested.get("most", 0),
            }
            for name, nested in table.get("blocks", {}).items()
        },
    }
