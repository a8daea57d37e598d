"""Expressions of a Terraform file, as frozen pieces that know where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provisioner.finding import Span
from provisioner.syntax.decoded_text import DecodedText
from provisioner.syntax.hcl_piece import Expression, Index, Piece, Postfix

__all__ = [
    "Access",
    "Call",
    "Compound",
    "Conditional",
    "Content",
    "For",
    "ListValue",
    "Literal",
    "ObjectItem",
    "ObjectValue",
    "Operation",
    "TemplateFor",
    "TemplateIf",
    "Text",
    "Traversal",
]


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A number, `true`, `false` or `null`."""

    value: float | bool | None


Content = tuple[str | Expression, ...]
"""Literal text and what is interpolated between it, in order."""


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

    @property
    def content(self) -> Content:
        """The literal text with the parts between it."""
        parts = iter(self.parts)
        return tuple(next(parts) if run.is_hole else run.text for run in self.decoded.runs)

    @property
    def wrapped(self) -> Expression | None:
        """The expression of a string that is one interpolation, and so has any type."""
        match self.decoded.runs, self.parts:
            case (run,), (part,) if not isinstance(part, TemplateIf | TemplateFor):
                whole = run.start == self.start + 1 and run.start + run.width == self.end - 1
                return part if whole else None
        return None


@dataclass(frozen=True, slots=True)
class Traversal(Expression):
    """A name and the way from it, such as `module.codex[0].scripts`.

    `steps` ends before the first index that is not a constant; `postfixes` is the whole way.
    """

    root: str
    steps: tuple[str | int, ...] = ()
    postfixes: tuple[Postfix, ...] = ()

    @property
    def children(self) -> tuple[Expression, ...]:
        """The index expressions."""
        return _indices(self.postfixes)


@dataclass(frozen=True, slots=True)
class Access(Expression):
    """The way from something that is no name, such as `f(x)[0].id`."""

    base: Expression
    postfixes: tuple[Postfix, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """Where the way begins, and the index expressions."""
        return self.base, *_indices(self.postfixes)


def _indices(postfixes: Iterable[Postfix]) -> tuple[Expression, ...]:
    return tuple(postfix.key for postfix in postfixes if isinstance(postfix, Index))


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
    """A function call; `is_expanded` says that the last argument ends with `...`."""

    name: str
    arguments: tuple[Expression, ...]
    is_expanded: bool = False

    @property
    def children(self) -> tuple[Expression, ...]:
        """The arguments."""
        return self.arguments

    @property
    def name_span(self) -> Span:
        """Where the name of the function stands."""
        return self.source.span(self.start, self.start + len(self.name))


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operator with its one or two operands."""

    operator: str
    operands: tuple[Expression, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """The operands."""
        return self.operands


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        """The condition and both branches."""
        return self.condition, self.then, self.otherwise


@dataclass(frozen=True, slots=True)
class For(Expression):
    """`[for … : …]`, or `{for … : … => …}` where there is a `key`; `...` behind it `groups`."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    groups: bool = False

    @property
    def children(self) -> tuple[Expression, ...]:
        """The collection, and what is in the scope of `names`."""
        return self.collection, *self.scoped

    @property
    def scoped(self) -> tuple[Expression, ...]:
        """The expressions that know `names`."""
        return tuple(part for part in (self.key, self.value, self.condition) if part is not None)


@dataclass(frozen=True, slots=True)
class TemplateIf(Expression):
    """`%{ if … }…%{ else }…%{ endif }`."""

    condition: Expression
    then: Content
    otherwise: Content

    @property
    def children(self) -> tuple[Expression, ...]:
        """The condition, and what both branches interpolate."""
        return self.condition, *_interpolated(self.then + self.otherwise)


@dataclass(frozen=True, slots=True)
class TemplateFor(Expression):
    """`%{ for … in … }…%{ endfor }`."""

    names: tuple[str, ...]
    collection: Expression
    body: Content

    @property
    def children(self) -> tuple[Expression, ...]:
        """The collection, and what is in the scope of `names`."""
        return self.collection, *self.scoped

    @property
    def scoped(self) -> tuple[Expression, ...]:
        """The expressions that know `names`."""
        return _interpolated(self.body)


def _interpolated(content: Content) -> tuple[Expression, ...]:
    return tuple(part for part in content if isinstance(part, Expression))


@dataclass(frozen=True, slots=True)
class Compound(Expression):
    """What could not be read: nested too deeply, or broken. Only its parts are kept."""

    operands: tuple[Expression, ...]

    @property
    def children(self) -> tuple[Expression, ...]:
        """The parts."""
        return self.operands
