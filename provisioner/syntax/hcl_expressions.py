"""tree-sitter's nodes for one expression → our expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from provisioner.syntax.decoded_text import Run, join_runs
from provisioner.syntax.hcl_model import (
    Call,
    Compound,
    Expression,
    ListValue,
    Literal,
    ObjectItem,
    ObjectValue,
    Text,
    Traversal,
)
from provisioner.syntax.hcl_strings import (
    Range,
    TemplateSource,
    decode_heredoc,
    decode_quoted,
    is_escaped,
)
from provisioner.syntax.source import ByteOffsets, SourceText

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["MAX_DEPTH", "ExpressionReader"]

MAX_DEPTH = 150
"""Nesting that a file may have; real ones stay below 20, and Python's own stack is finite."""

_POSTFIXES = frozenset({"get_attr", "index", "splat"})
_STRINGS = frozenset({"string_lit", "quoted_template", "heredoc_template"})
_LITERALS = frozenset({"numeric_lit", "bool_lit", "null_lit"})
_SCOPES = frozenset({"for_tuple_expr", "for_object_expr", "template_for"})
_INTROS = frozenset({"for_intro", "template_for_start"})
_SEQUENCES = frozenset(
    {
        "template_interpolation",
        "template_if_intro",
        "template_else_intro",
        "template_if_end",
        "template_for_start",
        "template_for_end",
    }
)
_DIRECTIVES = frozenset({"template_directive", "template_if", "template_for"})
_WRAPPERS = frozenset(
    {
        "collection_value",
        "expression",
        "for_cond",
        "for_expr",
        "literal_value",
        "operation",
        "template_directive",
        "template_expr",
        "template_if_intro",
        "template_interpolation",
    }
)
_OPERANDS = _WRAPPERS | _DIRECTIVES | _INTROS | _STRINGS | _LITERALS | _SCOPES | _SEQUENCES | {
    "binary_operation",
    "conditional",
    "function_arguments",
    "function_call",
    "object",
    "tuple",
    "unary_operation",
    "variable_expr",
}  # fmt: skip


class ExpressionReader:
    """Reads the expressions of one file."""

    def __init__(self, source: SourceText, offsets: ByteOffsets) -> None:
        """Read nodes of the tree of `source`."""
        self._source = source
        self._offsets = offsets
        self.too_deep: Range | None = None

    def range(self, node: Node) -> Range:
        """Where a node stands, in code points."""
        return self._offsets.range(*node.byte_range)

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        return self._source.text[slice(*self.range(node))]

    def read(self, node: Node, depth: int = 0) -> Expression:
        """Read one expression; below `MAX_DEPTH` everything is an empty `Compound`."""
        if depth > MAX_DEPTH:
            self.too_deep = self.too_deep or self.range(node)
            return Compound(self._source, *self.range(node), ())
        while len(inner := _operands(node)) == 1 and node.type in _WRAPPERS:
            node = inner[0]
        return self._read_kind(node, inner, depth)

    def _read_kind(self, node: Node, inner: list[Node], depth: int) -> Expression:
        place = (self._source, *self.range(node))
        if node.type in _STRINGS:
            return self._read_string(node, depth)
        if node.type in _SCOPES:
            return self._read_scope(node, inner, depth)
        if node.type in _LITERALS:
            return Literal(*place, _literal(self.text(node)))
        if node.type == "variable_expr":
            return Traversal(*place, self.text(node))
        return self._read_parts(node, inner, depth)

    def _read_parts(self, node: Node, inner: list[Node], depth: int) -> Expression:
        place = (self._source, *self.range(node))
        if node.type == "tuple":
            return ListValue(*place, self._read_all(inner, depth))
        if node.type == "object":
            elements = [child for child in node.children if child.type == "object_elem"]
            return ObjectValue(*place, tuple(self._read_item(item, depth) for item in elements))
        if node.type == "function_call":
            name = self.text(node.named_children[0])
            arguments = [part for child in inner for part in _operands(child)]
            return Call(*place, name, self._read_all(arguments, depth))
        terms = self._read_all(inner, depth)
        return terms[0] if node.type in _WRAPPERS and len(terms) == 1 else Compound(*place, terms)

    def _read_all(self, nodes: Iterable[Node], depth: int) -> tuple[Expression, ...]:
        """Read expressions, each with the attributes and indices that follow it."""
        groups: list[list[Node]] = []
        for node in nodes:
            if node.type in _POSTFIXES and groups:
                groups[-1].append(node)
            else:
                groups.append([node])
        return tuple(self._read_term(first, rest, depth + 1) for first, *rest in groups)

    def _read_term(self, first: Node, postfixes: list[Node], depth: int) -> Expression:
        if not postfixes:
            return self.read(first, depth)
        steps, indices, constant = list[str | int](), list[Expression](), True
        for node in postfixes:
            step = self._step(node)
            constant = constant and step is not None
            if step is not None and constant:
                steps.append(step)
            indices += [self.read(index, depth) for index in _index_expressions(node)]
        start, end = self.range(first)[0], self.range(postfixes[-1])[1]
        if first.type == "variable_expr":
            return Traversal(
                self._source, start, end, self.text(first), tuple(steps), tuple(indices)
            )
        return Compound(self._source, start, end, (self.read(first, depth), *indices))

    def _step(self, postfix: Node) -> str | int | None:
        """Return the constant that a postfix selects, None for a splat or a computed index."""
        if postfix.type == "get_attr":
            return self.text(postfix.named_children[0])
        selector = postfix.children[0]
        if selector.type == "legacy_index":
            index = _literal(self.text(selector).removeprefix("."))
            return index if type(index) is int else None
        if selector.type == "new_index":
            for expression in _operands(selector):
                value = self.read(expression)
                constant = value.value if isinstance(value, Text | Literal) else None
                if isinstance(constant, str) or type(constant) is int:
                    return constant
        return None

    def _read_item(self, node: Node, depth: int) -> ObjectItem:
        key, value = _operands(node)
        bare = [child.type for child in key.children] == ["variable_expr"]
        return ObjectItem(
            self._source,
            *self.range(node),
            self._bare_key(key) if bare else self.read(key, depth + 1),
            self.read(value, depth + 1),
        )

    def _bare_key(self, node: Node) -> Text:
        start, end = self.range(node)
        decoded = join_runs(self._source, [Run(self.text(node), start, 1)], end)
        return Text(self._source, start, end, decoded, ())

    def _read_scope(self, node: Node, inner: list[Node], depth: int) -> Compound:
        intro, *body = inner
        names = (child for child in intro.children if child.type == "identifier")
        return Compound(
            self._source,
            *self.range(node),
            self._read_all(_operands(intro), depth),
            frozenset(self.text(name) for name in names),
            self._read_all(body, depth),
        )

    def _read_string(self, node: Node, depth: int) -> Text:
        start, end = self.range(node)
        holes = [child for child in node.children if child.type in _DIRECTIVES | _SEQUENCES]
        holes = [hole for hole in holes if not is_escaped(self._source, self.range(hole))]
        sequences = sorted(self.range(part) for hole in holes for part in _sequences(hole))
        directives = [self.range(hole) for hole in holes if hole.type in _DIRECTIVES]
        parts = self._read_all(holes, depth)
        if node.type == "heredoc_template":
            first = self._source.text.find("\n", start) + 1
            last = self._source.text.rfind("\n", first - 1, end) + 1
            template = TemplateSource(first, last, sequences, directives)
            indented = self._source.text.startswith("<<-", start)
            decoded = decode_heredoc(self._source, template, indented=indented)
        else:
            template = TemplateSource(start + 1, end - 1, sequences, directives)
            decoded = decode_quoted(self._source, template)
        return Text(self._source, start, end, decoded, parts)


def _operands(node: Node) -> list[Node]:
    """Return the children that are expressions, or parts of one."""
    return [c for c in node.children if c.type in _OPERANDS or c.type in _POSTFIXES]


def _index_expressions(postfix: Node) -> list[Node]:
    """Return the expressions between the brackets of a postfix."""
    found: list[Node] = []
    waiting = [postfix]
    while waiting:
        for child in waiting.pop().children:
            (found if child.type == "expression" else waiting).append(child)
    return found


def _sequences(hole: Node) -> list[Node]:
    """Return the template sequences that a hole is made of."""
    found, waiting = [], [hole]
    while waiting:
        node = waiting.pop()
        if node.type in _SEQUENCES:
            found.append(node)
        elif node.type in _DIRECTIVES:
            waiting += node.children
    return found


def _literal(text: str) -> float | bool | None:
    if text in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[text]
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        # Beyond Python's digits, or not a number to HCL either: no rule can judge it.
        return None
