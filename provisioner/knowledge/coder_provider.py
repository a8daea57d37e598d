"""The schema of the coder/coder Terraform provider: what each block may and must have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from provisioner.knowledge.data import json_data

__all__ = [
    "AttributeSchema",
    "BlockSchema",
    "coder_block",
    "coder_block_types",
    "coder_configuration",
    "coder_schemas",
]

_KINDS = {"resource": "resource_schemas", "data": "data_source_schemas"}


class AttributeSchema(Struct, frozen=True):
    """One argument or read-only attribute; `type` is a name such as `string` or `map(string)`."""

    type: str
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    deprecated: bool = False

    @property
    def is_read_only(self) -> bool:
        """Whether only the Terraform provider sets it."""
        return not (self.required or self.optional)


class BlockSchema(Struct, frozen=True):
    """One block: its attributes, the blocks in it, and how often it may and must stand there.

    `most` is 0 where there is no limit; `nesting` is `list` or `set` for a nested block.
    """

    attributes: dict[str, AttributeSchema]
    blocks: dict[str, BlockSchema]
    nesting: str = ""
    least: int = 0
    most: int = 0
    deprecated: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The arguments that it must have."""
        return tuple(name for name, item in self.attributes.items() if item.required)

    @property
    def required_blocks(self) -> tuple[str, ...]:
        """The blocks that it must hold."""
        return tuple(name for name, item in self.blocks.items() if item.least)


@cache
def coder_block(kind: str, type_name: str) -> BlockSchema | None:
    """Return the schema of a `resource` or `data` block, None for what the provider lacks."""
    schema = coder_schemas(kind).get(type_name)
    return _block(schema["block"], {}) if schema else None


@cache
def coder_configuration() -> BlockSchema:
    """Return the schema of a `provider` block."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    return _block(provider["provider"]["block"], {})


def coder_block_types() -> Iterator[tuple[str, str]]:
    """Yield `resource` or `data` with each type name that the provider has."""
    for kind in _KINDS:
        yield from ((kind, name) for name in coder_schemas(kind))


def coder_schemas(kind: str) -> dict[str, Any]:
    """Return the schemas of every `resource` or `data` type, as Terraform's own JSON has them."""
    (provider,) = json_data("coder_provider.json")["provider_schemas"].values()
    schemas: dict[str, Any] = provider[_KINDS[kind]]
    return schemas


def _block(block: dict[str, Any], use: dict[str, Any]) -> BlockSchema:
    return BlockSchema(
        attributes={
            name: AttributeSchema(_type_name(item["type"]), **_flags(item))
            for name, item in block.get("attributes", {}).items()
        },
        blocks={
            name: _block(item["block"], item) for name, item in block.get("block_types", {}).items()
        },
        nesting=use.get("nesting_mode", ""),
        least=use.get("min_items", 0),
        most=use.get("max_items", 0),
        deprecated=block.get("deprecated", False),
    )


def _flags(item: dict[str, Any]) -> dict[str, bool]:
    names = ("required", "optional", "computed", "sensitive", "deprecated")
    return {name: item.get(name, False) for name in names}


def _type_name(kind: Any) -> str:  # noqa: ANN401 - a name, or a list of lists
    if isinstance(kind, str):
        return kind
    outer, inner = kind
    return outer if isinstance(inner, dict) else f"{outer}({_type_name(inner)})"
