"""What a Terraform file says: blocks and attributes, and the expressions of `hcl_terms`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from provisioner.finding import Span
from provisioner.syntax.hcl_piece import Expression, GetAttr, Index, Piece, Postfix, Splat
from provisioner.syntax.hcl_terms import (
    Access,
    Call,
    Compound,
    Conditional,
    Content,
    For,
    ListValue,
    Literal,
    ObjectItem,
    ObjectValue,
    Operation,
    TemplateFor,
    TemplateIf,
    Text,
    Traversal,
)

__all__ = [
    "Access",
    "Attribute",
    "Block",
    "Call",
    "Compound",
    "Conditional",
    "Content",
    "Expression",
    "For",
    "GetAttr",
    "Index",
    "Label",
    "ListValue",
    "Literal",
    "ObjectItem",
    "ObjectValue",
    "Operation",
    "Piece",
    "Postfix",
    "Splat",
    "TemplateFor",
    "TemplateIf",
    "Text",
    "Traversal",
    "is_plain",
    "names_in",
    "references",
]

_NOT_REFERENCES = frozenset({"count", "each", "path", "self", "terraform"})


class Label(Piece, frozen=True):
    """One label of a block; its span has the quotes."""

    value: str


class Attribute(Piece, frozen=True):
    """One `name = expression` of a body."""

    name: str
    name_end: int
    expression: Expression

    @property
    def name_span(self) -> Span:
        """Where the name stands."""
        return self.source.span(self.start, self.name_end)


class Block(Piece, frozen=True, dict=True):
    """One block; of two attributes with one name, `attributes` has the first."""

    type: str
    labels: tuple[Label, ...]
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    header_end: int

    @property
    def header_span(self) -> Span:
        """Where its type and labels stand."""
        return self.source.span(self.start, self.header_end)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels, as text."""
        return tuple(label.value for label in self.labels)

    @cached_property
    def uses(self) -> tuple[Traversal, ...]:
        """What it and the blocks inside it refer to, but for what they only wait for."""
        return tuple(
            reference
            for part in self.descend()
            for attribute in part.attributes.values()
            if attribute.name != "depends_on"
            for reference in references(attribute.expression)
        )

    def value(self, name: str) -> Expression | None:
        """Return the expression of one attribute."""
        attribute = self.attributes.get(name)
        return attribute.expression if attribute else None

    def descend(self) -> Iterator[Block]:
        """Yield this block and all inside it."""
        waiting = [self]
        while waiting:
            block = waiting.pop()
            yield block
            waiting += reversed(block.blocks)


def references(expression: Expression) -> Iterator[Traversal]:
    """Yield what an expression refers to, in interpolations and indices too.

    Names that a `for` brings along, `each`, `count`, `self`, `path` and `terraform` are left out.
    """
    return (name for name in names_in(expression) if name.root not in _NOT_REFERENCES)


def names_in(expression: Expression) -> Iterable[Traversal]:
    """Give every name in an expression with its way, but for those that a `for` brings along."""
    return () if is_plain(expression) else _names_in(expression)


def is_plain(expression: Expression) -> bool:
    """Say whether an expression is a constant that is written out, as half of all are."""
    return isinstance(expression, Literal) or (
        isinstance(expression, Text) and not expression.parts
    )


def _names_in(expression: Expression) -> Iterator[Traversal]:
    waiting: list[tuple[Expression, frozenset[str]]] = [(expression, frozenset())]
    while waiting:
        part, known = waiting.pop()
        if isinstance(part, Traversal) and part.root not in known:
            yield part
        if isinstance(part, For | TemplateFor):
            waiting += [(child, known.union(part.names)) for child in reversed(part.scoped)]
            waiting.append((part.collection, known))
        else:
            waiting += [(child, known) for child in reversed(part.children)]
