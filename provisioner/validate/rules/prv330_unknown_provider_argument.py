"""PRV330."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.knowledge.coder_limits import known_release, removed_names
from provisioner.knowledge.coder_provider import coder_block, coder_block_types, coder_configuration
from provisioner.syntax.hcl_model import Block
from provisioner.validate.coder_blocks import CoderBlock, coder_blocks
from provisioner.validate.nearest import did_you_mean, nearest
from provisioner.validate.required_provider import coder_constraints
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["unknown_provider_argument"]

_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
_PROVIDER_ARGUMENTS = frozenset({"alias", "version"})
_META_BLOCKS = frozenset({"connection", "lifecycle", "provisioner"})
_PREFIX = "coder_"


@rule("PRV330", "unknown-provider-argument", Severity.ERROR)
def unknown_provider_argument(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """An argument, block or type that the Coder provider does not have.

    What it does:
        Compares resources, data sources and `provider` blocks of the Coder provider, nested blocks
        included, with its schema, and their types with those it has. A template that requires a
        newer release of the provider than is known here is left alone; so is a type that looks
        like no other.

    Why:
        `terraform plan`, and so every workspace build, ends with `Unsupported argument`,
        `Unsupported block type` or `Invalid resource type`.

    Use instead:
        The name that the provider has.
    """
    if any(
        (item.least or known_release()) > known_release() for item in coder_constraints(workspace)
    ):
        return
    for path, span, what, advice in (*_types(workspace), *_names(workspace)):
        message = f"the Coder provider {known_release()} has no {what}"
        yield this.finding(path, span, message, help=advice)


_Unknown = tuple[str, Span, str, str]


def _types(workspace: Workspace) -> Iterator[_Unknown]:
    for block in workspace.top_blocks:
        kind, name = block.type, block.names[0] if block.names else ""
        if kind not in {"resource", "data"} or not name.startswith(_PREFIX):
            continue
        advice = "" if coder_block(kind, name) else _type_advice(kind, name)
        if advice:
            yield block.path, block.labels[0].span, f'{_kind(kind)} "{name}"', advice


def _kind(kind: str) -> str:
    return "data source" if kind == "data" else kind


def _type_advice(kind: str, name: str) -> str:
    if f"{kind}.{name}" in removed_names():
        return f"use {removed_names()[f'{kind}.{name}']} instead"
    types = tuple(coder_block_types())
    for other, found in types:
        if found == name:
            return f'"{name}" is a {_kind(other)}: write {other} "{name}"'
    tails = [found.removeprefix(_PREFIX) for other, found in types if other == kind]
    near = nearest(name.removeprefix(_PREFIX), tails)
    return f'did you mean "{_PREFIX}{near}"?' if near else ""


def _names(workspace: Workspace) -> Iterator[_Unknown]:
    for top in coder_blocks(workspace):
        for item in top.all():
            yield from _arguments(item, _META_ARGUMENTS if item is top else frozenset())
            yield from _blocks(item, _META_BLOCKS if item is top else frozenset())
    for block in workspace.blocks("provider", "coder"):
        configuration = CoderBlock(block, coder_configuration(), "provider.coder")
        yield from _arguments(configuration, _PROVIDER_ARGUMENTS)
        yield from _blocks(configuration, frozenset())


def _arguments(item: CoderBlock, known: frozenset[str]) -> Iterator[_Unknown]:
    for name, attribute in item.block.attributes.items():
        if name in item.schema.attributes or name in known:
            continue
        advice = f"write it as a block: {name} {{ … }}" if name in item.schema.blocks else ""
        advice = advice or _advice(item, name, tuple(item.schema.attributes))
        yield attribute.path, attribute.name_span, _in(item, "argument", name), advice


def _blocks(item: CoderBlock, known: frozenset[str]) -> Iterator[_Unknown]:
    for block in item.block.blocks:
        name = block.names[0] if block.type == "dynamic" and block.names else block.type
        if name in item.schema.blocks or name in known or name == "dynamic":
            continue
        advice = f"write it as an argument: {name} = …" if name in item.schema.attributes else ""
        advice = advice or _advice(item, name, tuple(item.schema.blocks))
        yield block.path, _name_span(block), _in(item, "block", name), advice


def _name_span(block: Block) -> Span:
    return block.labels[0].span if block.type == "dynamic" else block.header_span


def _in(item: CoderBlock, what: str, name: str) -> str:
    return f'{what} "{name}" in {item.title}'


def _advice(item: CoderBlock, name: str, known: tuple[str, ...]) -> str:
    removed = removed_names().get(f"{item.path}.{name}")
    if removed:
        return f"use {removed} instead"
    writable = [
        other
        for other in (*known, *item.schema.attributes, *item.schema.blocks)
        if other in item.schema.blocks or not item.schema.attributes[other].is_read_only
    ]
    return did_you_mean(name, writable) or f"it has {', '.join(sorted(set(writable)))}"
