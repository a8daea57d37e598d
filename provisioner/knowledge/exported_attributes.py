"""Which attributes a resource or data source has: the Coder provider's, and Terraform's own."""

from __future__ import annotations

from functools import cache

from provisioner.knowledge.data import json_data

__all__ = ["exported_attributes", "is_coder_block"]

_SCHEMAS = {"resource": "resource_schemas", "data": "data_source_schemas"}

# Source: Terraform's documentation of the provider terraform.io/builtin/terraform.
_BUILT_IN = {
    ("resource", "terraform_data"): frozenset({"id", "input", "output", "triggers_replace"}),
}


def is_coder_block(kind: str, type_name: str) -> bool:
    """Say whether the Coder provider has this resource or data source."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    return type_name in provider[_SCHEMAS[kind]]


@cache
def exported_attributes(kind: str, type_name: str) -> frozenset[str] | None:
    """Return the names that may follow `kind` ("resource" or "data"), None where not known."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    schema = provider[_SCHEMAS[kind]].get(type_name)
    if schema is None:
        return _BUILT_IN.get((kind, type_name))
    block = schema["block"]
    return frozenset(block.get("attributes", {})) | frozenset(block.get("block_types", {}))
