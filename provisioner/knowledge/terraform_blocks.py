"""The blocks that Terraform itself defines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioner.knowledge.data import toml_data

__all__ = ["Shape", "argument_types", "built_in_block", "inner_block", "top_block", "top_blocks"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a block has; one that `is_open` holds other arguments too, no `blocks` means any."""

    labels: tuple[str, ...]
    arguments: frozenset[str]
    required: tuple[str, ...]
    blocks: frozenset[str] | None
    is_open: bool


@cache
def top_blocks() -> dict[str, Shape]:
    """Return the blocks that stand in no other, by their type."""
    return _shapes("top")


def top_block(kind: str) -> Shape | None:
    """Return the block of one type that stands in no other."""
    return top_blocks().get(kind)


@cache
def inner_block(kind: str) -> Shape | None:
    """Return the block of one type that stands in another."""
    return _shapes("inside").get(kind)


@cache
def built_in_block(name: str) -> Shape | None:
    """Return the block of a resource type or provisioner that is a part of Terraform."""
    return _shapes("built_in").get(name)


@cache
def argument_types() -> dict[str, str]:
    """Return the arguments of Terraform's own blocks that are constants of one type."""
    return dict(toml_data("terraform_blocks.toml")["types"])


def _shapes(place: str) -> dict[str, Shape]:
    tables: dict[str, dict[str, Any]] = toml_data("terraform_blocks.toml")[place]
    return {
        kind: Shape(
            tuple(table["labels"]),
            frozenset(table.get("arguments", ())),
            tuple(table.get("required", ())),
            frozenset(table.get("blocks", ()))
            if "blocks" in table or not table.get("open")
            else None,
            table.get("open", False),
        )
        for kind, table in tables.items()
    }
