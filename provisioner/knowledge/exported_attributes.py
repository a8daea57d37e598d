"""Which attributes a resource or data source has: the Coder provider's, and Terraform's own."""

from __future__ import annotations

from functools import cache

from provisioner.knowledge.coder_provider import coder_schemas

__all__ = ["exported_attributes", "is_coder_block", "is_plain_attribute"]

# Source: Terraform's documentation of the provider terraform.io/builtin/terraform.
_BUILT_IN = {
    ("resource", "terraform_data"): frozenset({"id", "input", "output", "triggers_replace"}),
}


def is_coder_block(kind: str, type_name: str) -> bool:
    """Say whether the Coder provider has this resource or data source."""
    return type_name in coder_schemas(kind)


def is_plain_attribute(kind: str, type_name: str, name: str) -> bool:
    """Say whether an attribute is known to be a string, a number or a bool."""
    schema = coder_schemas(kind).get(type_name, {"block": {}})
    return isinstance(schema["block"].get("attributes", {}).get(name, {}).get("type"), str)


@cache
def exported_attributes(kind: str, type_name: str) -> frozenset[str] | None:
    """Return the names that may follow `kind` ("resource" or "data"), None where not known."""
    schema = coder_schemas(kind).get(type_name)
    if schema is None:
        return _BUILT_IN.get((kind, type_name))
    block = schema["block"]
    return frozenset(block.get("attributes", {})) | frozenset(block.get("block_types", {}))
