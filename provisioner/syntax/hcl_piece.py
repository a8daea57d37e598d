"""A stretch of a Terraform file, and what every expression has in common."""

from __future__ import annotations

from msgspec import Struct

from provisioner.finding import Span
from provisioner.syntax.source import SourceText

__all__ = ["Expression", "GetAttr", "Index", "Piece", "Postfix", "Splat"]


class Piece(Struct, frozen=True):
    """A stretch of a file."""

    source: SourceText
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


class Expression(Piece, frozen=True):
    """Anything that has a value."""

    @property
    def children(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of."""
        return ()


class GetAttr(Struct, frozen=True):
    """`.name`."""

    name: str


class Index(Struct, frozen=True):
    """`[key]`, or `.0` of old, which `is_legacy`."""

    key: Expression
    is_legacy: bool = False


class Splat(Struct, frozen=True):
    """`[*]`, or `.*` of old, which ends before the next `[key]`."""

    is_full: bool


Postfix = GetAttr | Index | Splat
