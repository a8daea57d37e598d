"""The schema of the coder/coder Terraform provider: what each block must have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioner.knowledge.data import json_data

__all__ = ["BlockSchema", "coder_block"]

_KINDS = {"resource": "resource_schemas", "data": "data_source_schemas"}


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """One block: its required attributes, and the blocks it may and must hold."""

    required: tuple[str, ...]
    blocks: dict[str, BlockSchema]
    required_blocks: tuple[str, ...]


@cache
def coder_block(kind: str, type_name: str) -> BlockSchema | None:
    """Return the schema of a `resource` or `data` block, None for what the provider lacks."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    schema = provider[_KINDS[kind]].get(type_name)
    return _block(schema["block"]) if schema else None


def _block(block: dict[str, Any]) -> BlockSchema:
    attributes, nested = block.get("attributes", {}), block.get("block_types", {})
    return BlockSchema(
        required=tuple(name for name, item in attributes.items() if item.get("required")),
        blocks={name: _block(item["block"]) for name, item in nested.items()},
        required_blocks=tuple(name for name, item in nested.items() if item.get("min_items")),
    )
