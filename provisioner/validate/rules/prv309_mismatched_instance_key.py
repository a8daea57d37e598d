"""PRV309."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Finding, Severity
from provisioner.syntax.hcl_model import (
    Block,
    GetAttr,
    Index,
    ListValue,
    Literal,
    ObjectValue,
    Postfix,
    Text,
    Traversal,
)
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["mismatched_instance_key"]

_Kinds = dict[tuple[str, ...], str]


@rule("PRV309", "mismatched-instance-key", Severity.ERROR)
def mismatched_instance_key(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A reference with an index to a single resource, or without one to several.

    What it does:
        Looks at every reference to a resource, data source or module and at whether the block has
        `count` or `for_each`. What a splat or a function does with all instances is left alone.

    Why:
        `terraform plan`, and so every workspace build, ends with `Missing resource instance key`,
        `Unexpected resource instance key` or `Unsupported attribute`.

    Use instead:
        `docker_container.workspace[0].id` where the block has `count`, `[each.key]` where it has
        `for_each`, and no index where it has neither.
    """
    if not workspace.is_whole:
        return
    kinds = _instances(workspace)
    for mention in workspace.mentions:
        address, ways = _split(mention.name)
        repeated = kinds.get(address)
        if repeated is None or not ways:
            continue
        problem = _problem(".".join(address), repeated, ways)
        if problem:
            message, advice = problem
            yield this.finding(mention.name.path, mention.name.span, message, help=advice)


def _problem(address: str, repeated: str, ways: tuple[Postfix, ...]) -> tuple[str, str] | None:
    match repeated, ways[0]:
        case (("count" | "for_each"), Index(key=Literal(value=None) | ListValue() | ObjectValue())):
            return f"this is no key of {address}", "name an instance"
        case "", Index():
            return f"{address} has neither count nor for_each", "remove the index"
        case (("count" | "for_each"), GetAttr()):
            index = "0" if repeated == "count" else "each.key"
            return (
                f"{address} has {repeated}, so there is no single one",
                f"choose one, such as {address}[{index}]",
            )
        case "count", Index(key=Text(value=str() as key)) if not key.isdecimal():
            return f"{address} has count, and its instances are numbered", f"write {address}[0]"
        case "for_each", Index(key=Literal(value=int())):
            return f"{address} has for_each, and its instances have names", "write the name"
    return None


def _instances(workspace: Workspace) -> _Kinds:
    """Address → `count`, `for_each` or nothing."""
    found = _Kinds()
    for block in workspace.top_blocks:
        address = _address(block)
        if address:
            repeated = next((name for name in ("count", "for_each") if block.value(name)), "")
            found[address] = found.get(address) or repeated
            if is_override(block.path) and repeated:
                found[address] = repeated
    return found


def _address(block: Block) -> tuple[str, ...]:
    match block.type, block.names:
        case "resource", (kind, name):
            return kind, name
        case "data", (kind, name):
            return "data", kind, name
        case "module", (name,):
            return "module", name
    return ()


def _split(name: Traversal) -> tuple[tuple[str, ...], tuple[Postfix, ...]]:
    match name.root, name.steps:
        case "data", (str() as kind, str() as label, *_):
            return ("data", kind, label), name.postfixes[2:]
        case "resource", (str() as kind, str() as label, *_):
            return (kind, label), name.postfixes[2:]
        case str() as kind, (str() as label, *_):
            return (kind, label), name.postfixes[1:]
    return (), ()
