"""Terraform's own blocks: which labels, arguments and blocks each of them may have."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct

from provisioner.knowledge.data import toml_data

__all__ = ["CoreBlock", "built_in", "core_schema", "core_types", "reserved_variables"]


class CoreBlock(Struct, frozen=True):
    """One kind of block, or the top of a file.

    `arguments` and `blocks` are all that it may have, unless it is `is_open`: then somebody else's
    schema has a say in it. `later` names what newer releases accept. Of the blocks in `single`,
    there can be one.
    """

    labels: tuple[str, ...]
    arguments: frozenset[str]
    required: tuple[str, ...]
    required_blocks: tuple[str, ...]
    blocks: dict[str, CoreBlock]
    single: frozenset[str]
    later: frozenset[str]
    reserved: frozenset[str]
    reserved_arguments: frozenset[str]
    is_open: bool
    has_no_blocks: bool

    def unknown_arguments(self, names: Iterable[str]) -> list[str]:
        """Return the names that cannot be arguments here."""
        if self.is_open:
            return [name for name in names if name in self.reserved_arguments]
        return [name for name in names if name not in self.arguments | self.later]

    def refuses_block(self, name: str) -> bool:
        """Say whether no block of this type can stand here."""
        if name in self.blocks or name in self.later:
            return False
        return self.has_no_blocks or name in self.reserved or not self.is_open


@cache
def core_schema(kind: str) -> CoreBlock:
    """Return what may stand in a file: `config` for `.tf` files, `test` for `.tftest.hcl`.

    `anywhere` has what stands in the blocks of any provider.
    """
    return _block(toml_data("terraform_core.toml")[kind])


@cache
def built_in() -> dict[str, CoreBlock]:
    """Return the resource types and provisioners that are a part of Terraform, by their label."""
    tables: dict[str, dict[str, Any]] = toml_data("terraform_core.toml")["built_in"]
    return {name: _block(table) for name, table in tables.items()}


@cache
def core_types() -> dict[str, str]:
    """Return the type of the arguments of Terraform's own that take constants of one type."""
    return dict(toml_data("terraform_core.toml")["types"])


@cache
def reserved_variables() -> frozenset[str]:
    """Return the names that no input variable can have."""
    return frozenset(toml_data("terraform_core.toml")["reserved_variables"])


def _block(data: dict[str, Any]) -> CoreBlock:
    nested = {name: _block(item) for name, item in data.items() if isinstance(item, dict)}
    return CoreBlock(
        labels=tuple(data.get("labels", ())),
        arguments=frozenset(data.get("arguments", ())),
        required=tuple(data.get("required", ())),
        required_blocks=tuple(data.get("required_blocks", ())),
        blocks=nested,
        single=frozenset(data.get("single", ())),
        later=frozenset(data.get("later", ())),
        reserved=frozenset(data.get("reserved", ())),
        reserved_arguments=frozenset(data.get("reserved_arguments", ())),
        is_open=bool(data.get("open")),
        has_no_blocks=bool(data.get("no_blocks")),
    )
