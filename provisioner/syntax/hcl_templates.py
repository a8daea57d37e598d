"""tree-sitter's nodes for one quoted string or heredoc → a text with its interpolations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from provisioner.syntax.decoded_text import DecodedText, Run, join_runs
from provisioner.syntax.hcl_model import (
    Compound,
    Content,
    Expression,
    TemplateFor,
    TemplateIf,
    Text,
)
from provisioner.syntax.hcl_strings import (
    Range,
    TemplateSource,
    decode_heredoc,
    decode_quoted,
    is_escaped,
)
from provisioner.syntax.source import SourceText

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["DIRECTIVES", "SEQUENCES", "Reader", "Template"]

DIRECTIVES = frozenset({"template_directive", "template_if", "template_for"})
SEQUENCES = frozenset(
    {
        "template_interpolation",
        "template_if_intro",
        "template_else_intro",
        "template_if_end",
        "template_for_start",
        "template_for_end",
    }
)


_HOLES = DIRECTIVES | SEQUENCES
# A quoted text without these is its own value.
_SPECIAL = re.compile(r"[\\\n$%]")


class Reader(Protocol):
    """What reads the expressions inside."""

    def range(self, node: Node) -> Range:
        """Where a node stands."""

    def text(self, node: Node) -> str:
        """Return the source of a node."""

    def read_all(self, nodes: Iterable[Node], depth: int) -> tuple[Expression, ...]:
        """Read expressions."""


class Template:
    """One string; its literal text is decoded as a whole, so that `~` and `<<-` reach inside."""

    def __init__(self, reader: Reader, source: SourceText, node: Node, depth: int) -> None:
        """Read `node`, which is `depth` levels deep."""
        self._reader = reader
        self._source = source
        self._node = node
        self._depth = depth

    def read(self) -> Text | Compound:
        """Return the text with its parts, one for each hole.

        A quoted text with a line break is none: nobody knows where its closing quote belongs.
        """
        start, end = self._reader.range(self._node)
        text = self._source.text[start + 1 : end - 1]
        if self._node.type != "heredoc_template" and not _SPECIAL.search(text):
            decoded = join_runs(self._source, [Run(text, start + 1, 1)], end - 1)
            return Text(self._source, start, end, decoded, ())
        holes = [child for child in self._node.children if child.type in _HOLES]
        holes = [hole for hole in holes if not is_escaped(self._source, self._reader.range(hole))]
        sequences = sorted(self._reader.range(part) for hole in holes for part in _sequences(hole))
        directives = [self._reader.range(hole) for hole in holes if hole.type in DIRECTIVES]
        inside = self._inside(sequences, directives)
        if self._node.type != "heredoc_template" and self._has_line_break(inside):
            return Compound(self._source, start, end, self._reader.read_all(holes, self._depth))
        decoded = self._decode(inside)
        if not directives:
            return Text(
                self._source, start, end, decoded, self._reader.read_all(holes, self._depth)
            )
        flat = _Flat(self._decode(replace(inside, directives=())))
        parts = tuple(self._part(hole, flat, self._depth) for hole in holes)
        return Text(self._source, start, end, decoded, parts)

    def _inside(self, sequences: Sequence[Range], directives: Sequence[Range]) -> TemplateSource:
        start, end = self._reader.range(self._node)
        if self._node.type == "heredoc_template":
            first = self._source.text.find("\n", start) + 1
            last = self._source.text.rfind("\n", first - 1, end) + 1
            return TemplateSource(first, last, sequences, directives)
        return TemplateSource(start + 1, end - 1, sequences, directives)

    def _has_line_break(self, inside: TemplateSource) -> bool:
        """Say whether one stands in the text itself; in a sequence it is fine."""
        starts = [inside.start, *(end for _, end in inside.sequences)]
        ends = [*(start for start, _ in inside.sequences), inside.end]
        return any(
            "\n" in self._source.text[start:end] for start, end in zip(starts, ends, strict=True)
        )

    def _decode(self, inside: TemplateSource) -> DecodedText:
        start, _ = self._reader.range(self._node)
        if self._node.type == "heredoc_template":
            indented = self._source.text.startswith("<<-", start)
            return decode_heredoc(self._source, inside, indented=indented)
        return decode_quoted(self._source, inside)

    def _part(self, hole: Node, flat: _Flat, depth: int) -> Expression:
        """Read an interpolation or a directive."""
        if hole.type == "template_directive" and len(hole.children) == 1:
            hole = hole.children[0]
        parts = [child for child in hole.children if child.type in _HOLES]
        kinds = [part.type for part in parts]
        read = self._reader.read_all
        place = (self._source, *self._reader.range(hole))
        if hole.type == "template_if" and kinds[:1] == ["template_if_intro"]:
            ends = [i for i, kind in enumerate(kinds) if kind == "template_else_intro"]
            middle = ends[0] if ends else len(kinds) - 1
            then = self._content(parts[: middle + 1], flat, depth + 1)
            otherwise = self._content(parts[middle:], flat, depth + 1) if ends else ()
            for condition in read(parts[:1], depth):
                return TemplateIf(*place, condition, then, otherwise)
        if hole.type == "template_for" and kinds[:1] == ["template_for_start"]:
            start = parts[0]
            names = [self._reader.text(c) for c in start.children if c.type == "identifier"]
            body = self._content(parts, flat, depth + 1)
            collection = [child for child in start.children if child.type == "expression"]
            for value in read(collection, depth):
                return TemplateFor(*place, tuple(names), value, body)
        if hole.type in SEQUENCES:
            for value in read([hole], depth):
                return value
        return Compound(*place, read(_expressions(hole), depth))

    def _content(self, parts: Sequence[Node], flat: _Flat, depth: int) -> Content:
        """Return what stands between the first and the last of `parts`."""
        content = list[str | Expression]()
        for before, part in pairwise(parts):
            end = self._reader.range(before)[1]
            content += flat.literals(end, self._reader.range(part)[0])
            if part is not parts[-1]:
                content.append(self._part(part, flat, depth))
        return tuple(content)


class _Flat:
    """The literal text of a string in which every sequence is a hole of its own."""

    def __init__(self, decoded: DecodedText) -> None:
        self._runs = [run for run in decoded.runs if not run.is_hole]

    def literals(self, start: int, end: int) -> Iterator[str]:
        """Yield the text between two places of the file."""
        yield from (run.text for run in self._runs if start <= run.start < end)


def _sequences(hole: Node) -> list[Node]:
    """Return the template sequences that a hole is made of."""
    found, waiting = [], [hole]
    while waiting:
        node = waiting.pop()
        if node.type in SEQUENCES:
            found.append(node)
        elif node.type in DIRECTIVES:
            waiting += node.children
    return found


def _expressions(hole: Node) -> list[Node]:
    found = list[Node]()
    waiting = [hole]
    while waiting:
        node = waiting.pop()
        if node.type == "expression":
            found.append(node)
        else:
            waiting += reversed(node.children)
    return found
