"""Which attributes of the coder/coder Terraform provider hold a secret."""

from __future__ import annotations

from functools import cache

from provisioner.knowledge.coder_provider import coder_schemas

__all__ = ["secret_attributes"]


@cache
def secret_attributes(kind: str, type_name: str) -> frozenset[str]:
    """Return the sensitive attributes of a `resource` or `data` type; none for an unknown type."""
    schema = coder_schemas(kind).get(type_name, {"block": {}})
    attributes = schema["block"].get("attributes", {})
    return frozenset(name for name, item in attributes.items() if item.get("sensitive"))
