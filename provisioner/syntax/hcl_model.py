"""What a Terraform file says, as frozen pieces that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from provisioner.finding import Span
from provisioner.syntax.decoded_text import DecodedText
from provisioner.syntax.source import SourceText

__all__ = [
    "Attribute",
    "Block",
    "Call",
    "Compound",
    "Expression",
    "Label",
    "ListValue",
    "Literal",
    "ObjectItem",
    "ObjectValue",
    "Piece",
    "Text",
    "Traversal",
    "references",
]

_NOT_REFERENCES = frozenset({"count", "each", "path", "self", "terraform"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file."""

    source: SourceText = field(repr=False, compare=False)
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its lines and columns."""
        return self.source.span(self.start, self.end)

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.source.path


@dataclass(frozen=True, slots=True)
class Expression(Piece):
    """Anything that has a value."""

    @property
    def children(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A number, `true`, `false` or `null`."""

    value: float | bool | None


@dataclass(frozen=True, slots=True)
class Text(Expression):
    """A quoted string, a heredoc or a bare object key, interpolations included."""

    decoded: DecodedText
    parts: tuple[Expression, ...]

    @property
    def value(self) -> str | None:
        """The characters, or None when an interpolation decides some of them."""
        return None if self.decoded.holes else self.decoded.text

    @property
    def children(self) -> tuple[Expression, ...]:
        """The interpolated expressions."""
        return self.parts


@dataclass(frozen=True, slots=True)
class Traversal(Expression):
    """A name and the way from it, such as `module.codex[0].scripts`.

    `steps` ends before the first index that is not a constant; the indices are `children`.
    """

    root: str
    steps: tuple[str | int, ...] = ()
    indices: tuple[Expression, ...] = ()

    @property
    def children(self) -> tuple[Expression, ...]:
        """The index expressions."""
        return self.indices


@dataclass(frozen=True, slots=True)
class ObjectItem(Piece):
    """One `key = value` of an object."""

    key: Expression
    value: Expression

    @property
    def name(self) -> str | None:
        """The key, where it is written out."""
        return self.key.value if isinstance(self.key, Text) else None


@dataclass(frozen=True, slots=True)
class ObjectValue(Expression):
    """`{ … }`."""

    items: tuple[ObjectItem, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """Keys and values."""
        return tuple(part for item in self.items for part in (item.key, item.value))


@dataclass(frozen=True, slots=True)
class ListValue(Expression):
    """`[ … ]`."""

    elements: tuple[Expression, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """The elements."""
        return self.elements


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function call."""

    name: str
    arguments: tuple[Expression, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, slots=True)
class Compound(Expression):
    """An operator, a condition, a `for`, a directive: only what it is made of is kept.

    `bound` names mean something of their own inside `scoped`.
    """

    operands: tuple[Expression, ...]
    bound: frozenset[str] = frozenset()
    scoped: tuple[Expression, ...] = ()

    @property
    def children(self) -> tuple[Expression, ...]:
        """The operands, those in the scope of `bound` last."""
        return self.operands + self.scoped


@dataclass(frozen=True, slots=True)
class Label(Piece):
    """One label of a block; its span has the quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Attribute(Piece):
    """One `name = expression` of a body."""

    name: str
    name_end: int
    expression: Expression

    @property
    def name_span(self) -> Span:
        """Where the name stands."""
        return self.source.span(self.start, self.name_end)


@dataclass(frozen=True, slots=True)
class Block(Piece):
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

    @property
    def names(self) -> tuple[str, ...]:
        """The labels, as text."""
        return tuple(label.value for label in self.labels)

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
    waiting: list[tuple[Expression, frozenset[str]]] = [(expression, _NOT_REFERENCES)]
    while waiting:
        part, known = waiting.pop()
        if isinstance(part, Traversal) and part.root not in known:
            yield part
        if isinstance(part, Compound):
            waiting += [(child, known | part.bound) for child in reversed(part.scoped)]
            waiting += [(child, known) for child in reversed(part.operands)]
        else:
            waiting += [(child, known) for child in reversed(part.children)]
