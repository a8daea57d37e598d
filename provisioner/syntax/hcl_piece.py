"""A stretch of a Terraform file, and what every expression has in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioner.finding import Span
from provisioner.syntax.source import SourceText

__all__ = ["Expression", "GetAttr", "Index", "Piece", "Postfix", "Splat"]


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
class GetAttr:
    """`.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[key]`, or `.0` of old, which `is_legacy`."""

    key: Expression
    is_legacy: bool = False


@dataclass(frozen=True, slots=True)
class Splat:
    """`[*]`, or `.*` of old, which ends before the next `[key]`."""

    is_full: bool


Postfix = GetAttr | Index | Splat
