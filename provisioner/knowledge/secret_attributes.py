"""Which attributes of the coder/coder Terraform provider hold a secret."""

from __future__ import annotations

from functools import cache

from provisioner.knowledge.data import json_data

__all__ = ["secret_attributes"]

_SCHEMAS = {"resource": "resource_schemas", "data": "data_source_schemas"}


@cache
def secret_attributes(kind: str, type_name: str) -> frozenset[str]:
    """Return the sensitive attributes of a `resource` or `data` type; none for an unknown type."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    schema = provider[_SCHEMAS[kind]].get(type_name, {"block": {}})
    attributes = schema["block"].get("attributes", {})
    return frozenset(name for name, item in attributes.items() if item.get("sensitive"))
