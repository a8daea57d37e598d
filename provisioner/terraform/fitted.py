"""Schemas of providers → the same, with what a folder uses and nobody here knows.

Only Coder's schema is whole. To refuse what another one lacks would be to guess, so Terraform is
told that it exists: a resource, an argument or an attribute of any type.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from provisioner.syntax.hcl_model import Block, GetAttr, ListValue, Traversal
from provisioner.validate.provider_requirements import requirements
from provisioner.validate.workspace import Workspace

__all__ = ["fitted_schemas"]

_REGISTRY = "registry.terraform.io"
_WHOLE = frozenset({"terraform.io/builtin/terraform", f"{_REGISTRY}/coder/coder"})
_ADDRESS = re.compile(r"[\w.-]+(?::\d+)?(?:/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2}\Z", re.ASCII)
"""Terraform ends at any other one, whatever the folder says."""
_META = frozenset({"alias", "count", "depends_on", "for_each", "provider", "version"})
_META_BLOCKS = frozenset({"connection", "lifecycle", "provisioner"})
_KINDS = {"resource": "resource_schemas", "data": "data_source_schemas"}
_ANY = {"type": "dynamic", "optional": True, "computed": True}

_Schema = dict[str, Any]


def fitted_schemas(
    schemas: Mapping[str, Mapping[str, Any]],
    workspaces: Iterable[Workspace],
    installed: Collection[str] = (),
) -> dict[str, Mapping[str, Any]]:
    """Return the schemas of all providers that the folders need, by address.

    Those in `installed` are left to Terraform, which starts them itself.
    """
    fitted: dict[str, _Schema] = {
        address: dict(schema) if address in _WHOLE else copy.deepcopy(dict(schema))
        for address, schema in schemas.items()
        if address not in installed
    }

    def is_open(address: str) -> bool:
        is_address = _ADDRESS.match(address) is not None
        return is_address and address not in _WHOLE and address not in installed

    for workspace in workspaces:
        sources = _sources(workspace)
        for address in sources.values():
            if is_open(address):
                fitted.setdefault(address, {})
        for block in _provided(workspace):
            address = _address(block, sources)
            if is_open(address):
                _fit(fitted.setdefault(address, {}), block, workspace)
    return {**fitted}


def _sources(workspace: Workspace) -> dict[str, str]:
    """Return the address of each provider that is required by its local name."""
    found = {}
    for item in requirements(workspace.top_blocks):
        source = item.text("source")
        if source is not None:
            words = source.decoded.text.lower().split("/")
            missing = [_REGISTRY, "hashicorp"][: 3 - len(words)]
            found[item.name] = "/".join([*missing, *words])
    return found


def _provided(workspace: Workspace) -> Iterator[Block]:
    for top in workspace.top_blocks:
        if top.type in {*_KINDS, "provider"} and top.names:
            yield top
        elif top.type == "check":
            yield from (block for block in top.blocks if block.type == "data" and block.names)


def _address(block: Block, sources: Mapping[str, str]) -> str:
    name = block.names[0] if block.type == "provider" else block.names[0].partition("_")[0]
    match block.value("provider"):
        case Traversal(root=named) if block.type != "provider":
            name = named
    default = "terraform.io/builtin" if name == "terraform" else f"{_REGISTRY}/hashicorp"
    return sources.get(name, f"{default}/{name}")


def _fit(schema: _Schema, block: Block, workspace: Workspace) -> None:
    if block.type == "provider":
        known = schema.setdefault("provider", {"version": 0, "block": {}})
    else:
        kinds = schema.setdefault(_KINDS[block.type], {})
        known = kinds.setdefault(block.names[0], {"version": 0, "block": {}})
    _fit_block(known["block"], block)
    for way in _ways_into(block, workspace):
        _fit_way(known["block"], way)


def _fit_block(known: _Schema, block: Block) -> None:
    for name in block.attributes.keys() - _META:
        _fit_way(known, [name])
    for inner in block.blocks:
        if inner.type in _META_BLOCKS:
            for name in _ignored(inner):
                _fit_way(known, [name])
            continue
        name, body = inner.type, inner
        if inner.type == "dynamic" and inner.names:
            contents = [item for item in inner.blocks if item.type == "content"]
            name, body = inner.names[0], contents[0] if contents else inner
        if name in known.get("attributes", {}):
            continue
        kinds = known.setdefault("block_types", {})
        nested = kinds.setdefault(name, {"nesting_mode": "list", "block": {}})
        _fit_block(nested["block"], body)


def _ignored(lifecycle: Block) -> Iterator[str]:
    """Yield the attributes that changes are ignored of, whether they are given or not."""
    match lifecycle.value("ignore_changes"):
        case ListValue(elements=elements):
            yield from (item.root for item in elements if isinstance(item, Traversal))


def _fit_way(known: _Schema, way: list[str]) -> None:
    name, *rest = way
    nested = known.get("block_types", {}).get(name)
    if nested is None:
        known.setdefault("attributes", {}).setdefault(name, _ANY)
    elif rest:
        _fit_way(nested["block"], rest)


def _ways_into(block: Block, workspace: Workspace) -> Iterator[list[str]]:
    """Yield the names behind the address of `block`, wherever the folder refers to it."""
    start = ["data", *block.names] if block.type == "data" else list(block.names)
    for mention in workspace.mentions:
        name = mention.name
        if name.root == "self" and mention.top is block:
            words = [way.name for way in name.postfixes if isinstance(way, GetAttr)]
            if words:
                yield words
        if name.root == start[0]:
            words = [name.root, *(way.name for way in name.postfixes if isinstance(way, GetAttr))]
            if words[: len(start)] == start and len(words) > len(start):
                yield words[len(start) :]
