"""Terraform source → blocks, attributes and expressions, and every reason it is not Terraform."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from provisioner.syntax.hcl_expressions import MAX_DEPTH, ExpressionReader
from provisioner.syntax.hcl_model import Attribute, Block, Expression, Label, Text
from provisioner.syntax.hcl_verdict import hcl_problems
from provisioner.syntax.source import ByteOffsets, SourceText, SyntaxProblem

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["MAX_LENGTH", "MAX_PARTS", "HclDocument"]

MAX_LENGTH = 1_000_000
"""Characters up to which a file is taken apart; of a longer one, only the syntax is judged."""
MAX_PARTS = 300_000
"""Nodes of the grammar's tree up to which a file is taken apart.

Files that people write have one for four characters, and some 10,000 characters. What counts for
the time is the number of parts: a list of ones has one for each character.
"""

# The grammar knows no exponents. What a number says is read from the text and not from the tree.
_EXPONENT = re.compile(rb"(?<![\w.-])\d+(?:\.\d+)?[eE][+-]?\d+(?![\w.])")
# Two or more and a brace: the last two are an escape. The grammar loses count from three on.
_ESCAPE = re.compile(rb"(?:(?<!\$)\$\$+|(?<!%)%%+)\{")


class HclDocument(Struct, frozen=True):
    """One Terraform file.

    The tree is whatever could be made out, nothing of a file beyond `MAX_LENGTH` or `MAX_PARTS`.
    It is `complete` when nothing had to be left out, and the file is right when there are no
    `problems`; a file can be either without the other.
    """

    source: SourceText
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    problems: tuple[SyntaxProblem, ...]
    complete: bool
    is_too_large: bool = False
    """Whether only the syntax was judged."""

    @classmethod
    def parse(cls, text: str, path: str) -> HclDocument:
        """Read the text of one file."""
        return cls.read(SourceText(path, text))

    @classmethod
    def read(cls, source: SourceText) -> HclDocument:
        """Read a file that is already text."""
        if len(source.text) > MAX_LENGTH:
            return cls._unparsed(source)
        data = source.text.encode("utf-8", "surrogatepass")
        known = _EXPONENT.sub(_digits, _ESCAPE.sub(_blank, data))
        root = _parser().parse(known).root_node
        if root.descendant_count > MAX_PARTS:
            return cls._unparsed(source)
        reader = _Reader(source, ByteOffsets(data))
        attributes, blocks = reader.read_body(_child(root, "body"), 0)
        verdict = hcl_problems(source)
        if verdict is None:
            verdict = (reader.problem_at(root),) if root.has_error else ()
        problems = (*verdict, *reader.problems)
        return cls(source, attributes, blocks, problems, not root.has_error)

    @classmethod
    def _unparsed(cls, source: SourceText) -> HclDocument:
        """Judge the syntax alone."""
        problems = hcl_problems(source) or ()
        return cls(source, {}, (), problems, complete=False, is_too_large=True)


def _digits(exponent: re.Match[bytes]) -> bytes:
    return b"1" * len(exponent[0])


def _blank(escape: re.Match[bytes]) -> bytes:
    """Return what no grammar can take for an interpolation, of the same length."""
    return b"_" * len(escape[0])


@cache
def _parser() -> Parser:
    import tree_sitter_hcl  # noqa: PLC0415 - a parser costs start-up time
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_hcl.language()))


class _Reader:
    def __init__(self, source: SourceText, offsets: ByteOffsets) -> None:
        self._source = source
        self._expressions = ExpressionReader(source, offsets)
        self._problems: list[SyntaxProblem] = []

    @property
    def problems(self) -> list[SyntaxProblem]:
        deep = self._expressions.too_deep
        if deep is None:
            return self._problems
        message = f"nested more than {MAX_DEPTH} levels deep, which cannot be checked"
        return [*self._problems, SyntaxProblem(message, self._source.span(*deep))]

    def problem_at(self, root: Node) -> SyntaxProblem:
        """Say where the tree breaks, for want of HashiCorp's words."""
        node = root
        while broken := [child for child in node.children if child.has_error]:
            node = broken[0]
        start, _ = self._expressions.range(node)
        return SyntaxProblem("this is not Terraform syntax", self._source.span(start, start))

    def read_body(
        self, body: Node | None, depth: int
    ) -> tuple[dict[str, Attribute], tuple[Block, ...]]:
        attributes, blocks = dict[str, Attribute](), []
        for node in body.named_children if body else ():
            if node.type == "block":
                blocks.append(self._read_block(node, depth))
            elif node.type == "attribute" and (found := self._read_attribute(node, depth)):
                if found.name in attributes:
                    self._report_repeat(found, attributes[found.name])
                attributes.setdefault(found.name, found)
        return attributes, tuple(blocks)

    def _report_repeat(self, repeat: Attribute, first: Attribute) -> None:
        message = f'the argument "{repeat.name}" is already set in line {first.span.start.line}'
        advice = "remove one of the two; each argument may be set only once"
        self._problems.append(SyntaxProblem(message, repeat.name_span, advice))

    def _read_attribute(self, node: Node, depth: int) -> Attribute | None:
        name = value = None
        for child in node.named_children:
            if child.type == "identifier":
                name = name or child
            elif child.type == "expression":
                value = value or child
        if name is None or value is None:
            return None
        start, end = self._expressions.range(node)
        first, name_end = self._expressions.range(name)
        return Attribute(
            self._source,
            start,
            end,
            self._source.text[first:name_end],
            name_end,
            self._expressions.read(value, depth),
        )

    def _read_block(self, node: Node, depth: int) -> Block:
        start, end = self._expressions.range(node)
        header = [child for child in node.children if child.type in {"identifier", "string_lit"}]
        body = _child(node, "body")
        if depth >= MAX_DEPTH:
            self._expressions.too_deep = self._expressions.too_deep or (start, end)
            body = None
        attributes, blocks = self.read_body(body, depth + 1)
        return Block(
            self._source,
            start,
            end,
            self._expressions.text(header[0]) if header else "",
            tuple(self._label(label) for label in header[1:]),
            attributes,
            blocks,
            self._expressions.range(header[-1])[1] if header else start,
        )

    def _label(self, node: Node) -> Label:
        value: Expression | None = None
        if node.type == "string_lit":
            value = self._expressions.read(node)
        text = value.decoded.text if isinstance(value, Text) else self._expressions.text(node)
        return Label(self._source, *self._expressions.range(node), text)


def _child(node: Node, kind: str) -> Node | None:
    for child in node.named_children:
        if child.type == kind:
            return child
    return None
