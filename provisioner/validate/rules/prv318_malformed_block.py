"""PRV318."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import Finding, Severity, Span
from provisioner.knowledge.terraform_blocks import (
    Shape,
    argument_types,
    built_in_block,
    inner_block,
    top_block,
    top_blocks,
)
from provisioner.syntax.hcl_model import Block
from provisioner.validate.evaluate import UNKNOWN
from provisioner.validate.known import Failed
from provisioner.validate.nearest import did_you_mean
from provisioner.validate.override_file import is_override
from provisioner.validate.rule import Rule, rule
from provisioner.validate.type_constraint import Primitive, converted
from provisioner.validate.workspace import Workspace

__all__ = ["malformed_block"]

_NAME = re.compile(r"[^\W\d][\w-]*\Z")
_RESERVED = frozenset(
    {"count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"}
)
_UNNAMED = frozenset({"provider", "check"})
_Problem = tuple[str, Span, str, str]


@rule("PRV318", "malformed-block", Severity.ERROR)
def malformed_block(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A block of Terraform itself that is not written as Terraform wants it.

    What it does:
        Looks at types of blocks, the number of their labels, names, and at arguments and nested
        blocks that Terraform itself defines, such as those of `variable`, `output`, `lifecycle`
        and `validation`. What a Terraform provider or a module defines is left alone.

    Why:
        `terraform init` ends with an error, so that the template cannot be pushed.

    Use instead:
        The block as the documentation of Terraform shows it.
    """
    for document in workspace.hcl:
        for attribute in document.attributes.values():
            yield this.finding(
                attribute.path,
                attribute.name_span,
                f'the argument "{attribute.name}" stands outside of any block',
                help="put it into a block, such as locals",
            )
        for block in document.blocks:
            is_part = block.path in workspace.broken_paths or is_override(block.path)
            problems = [*_problems(block, is_part=is_part), *_mistyped(block, workspace)]
            for path, span, message, advice in problems:
                yield this.finding(path, span, message, help=advice)


def _problems(block: Block, *, is_part: bool) -> Iterator[_Problem]:
    shape = top_block(block.type)
    if shape is None:
        known = did_you_mean(block.type, top_blocks())
        yield block.path, block.header_span, f'there are no blocks of type "{block.type}"', known
        return
    yield from _labels(block, shape)
    built_in = built_in_block(block.names[0]) if block.type == "resource" and block.names else None
    yield from _content(block, built_in or shape, is_part=is_part)
    for outer in block.descend():
        for inner in [*outer.blocks]:
            inside = inner_block(inner.type)
            if inner.type == "provisioner" and inner.names:
                inside = built_in_block(inner.names[0])
            if inner.type in {"dynamic", "provisioner"} and len(inner.names) != 1:
                message = f"a {inner.type} block has one label, not {len(inner.names)}"
                yield inner.path, inner.header_span, message, f'write {inner.type} "name"'
            first = next(other for other in outer.blocks if other.type == inner.type)
            if inner.type == "lifecycle" and first is not inner:
                message = f"the {block.type} has a lifecycle block already"
                yield inner.path, inner.header_span, message, "put both into one"
            if inside and not (inner.type in _ONLY_IN and outer.type not in _ONLY_IN[inner.type]):
                yield from _content(inner, inside, is_part=is_part)


_ONLY_IN = {
    "assert": {"check"},
    "lifecycle": {"resource", "data", "ephemeral"},
    "postcondition": {"lifecycle"},
    "precondition": {"lifecycle", "output"},
    "validation": {"variable"},
}


def _labels(block: Block, shape: Shape) -> Iterator[_Problem]:
    wanted = " ".join(f'"{label}"' for label in shape.labels)
    if len(block.labels) != len(shape.labels):
        message = f"a {block.type} block has {_count(len(shape.labels))}, not {len(block.labels)}"
        yield block.path, block.header_span, message, f"write {block.type} {wanted}".rstrip()
        return
    for label in block.labels:
        if block.type not in _UNNAMED and not _NAME.match(label.value):
            message = f'"{label.value}" is no name'
            advice = "a name has letters, digits, _ and -, and begins with a letter or _"
            yield label.path, label.span, message, advice
        elif block.type == "variable" and label.value in _RESERVED:
            message = f'a variable cannot have the name "{label.value}"'
            yield label.path, label.span, message, "module blocks have an argument of that name"


def _mistyped(top: Block, workspace: Workspace) -> Iterator[_Problem]:
    """Find arguments such as `sensitive` whose value is of another type."""
    for block in top.descend():
        shape = top_block(block.type) or inner_block(block.type)
        if block.type == "provisioner" and block.names:
            shape = built_in_block(block.names[0])
        for name, attribute in block.attributes.items():
            kind = argument_types().get(name)
            if kind is None or shape is None or name not in shape.arguments:
                continue
            value = workspace.evaluator.value(attribute.expression).known
            if not _is(value, kind):
                message = f'"{name}" must be a {kind}'
                advice = "write true or false" if kind == "bool" else "write a text in quotes"
                yield attribute.path, attribute.expression.span, message, advice


def _is(value: object, kind: str) -> bool:
    try:
        return converted(value, Primitive(kind), lambda _: UNKNOWN) is not None
    except Failed:
        return False


def _count(labels: int) -> str:
    return {0: "no label", 1: "one label"}.get(labels, f"{labels} labels")


def _content(block: Block, shape: Shape, *, is_part: bool) -> Iterator[_Problem]:
    for name in shape.required:
        if name not in block.attributes and not is_part:
            message = f'the {block.type} block lacks the required argument "{name}"'
            yield block.path, block.header_span, message, "add it"
    for attribute in block.attributes.values():
        if attribute.name not in shape.arguments and not shape.is_open:
            message = f'{block.type} blocks have no argument "{attribute.name}"'
            advice = did_you_mean(attribute.name, shape.arguments)
            yield attribute.path, attribute.name_span, message, advice
    known = shape.blocks
    for inner in block.blocks if known is not None else ():
        if known is not None and inner.type not in known and inner.type != "dynamic":
            message = f'{block.type} blocks have no block "{inner.type}" inside'
            yield inner.path, inner.header_span, message, did_you_mean(inner.type, known)
