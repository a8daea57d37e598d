"""tree-sitter's nodes for one expression → our expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from provisioner.syntax.decoded_text import Run, join_runs
from provisioner.syntax.hcl_model import (
    Access,
    Call,
    Compound,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    ListValue,
    Literal,
    ObjectItem,
    ObjectValue,
    Operation,
    Postfix,
    Splat,
    Text,
    Traversal,
)
from provisioner.syntax.hcl_strings import Range
from provisioner.syntax.hcl_templates import DIRECTIVES, SEQUENCES, Template
from provisioner.syntax.source import ByteOffsets, SourceText

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["MAX_DEPTH", "ExpressionReader"]

MAX_DEPTH = 150
"""Nesting that a file may have; real ones stay below 20, and Python's own stack is finite."""

_POSTFIXES = frozenset({"get_attr", "index", "splat"})
_SIGNS = frozenset({"||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"})
_SELECTORS = _POSTFIXES | {"attr_splat", "full_splat", "legacy_index", "new_index"}
_STRINGS = frozenset({"string_lit", "quoted_template", "heredoc_template"})
_LITERALS = frozenset({"numeric_lit", "bool_lit", "null_lit"})
_SCOPES = frozenset({"for_tuple_expr", "for_object_expr"})
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
_OPERANDS = _WRAPPERS | DIRECTIVES | SEQUENCES | _STRINGS | _LITERALS | _SCOPES | {
    "binary_operation",
    "conditional",
    "for_intro",
    "function_arguments",
    "function_call",
    "object",
    "tuple",
    "unary_operation",
    "variable_expr",
}  # fmt: skip
_OPERANDS_AND_POSTFIXES = _OPERANDS | frozenset(_POSTFIXES)


class ExpressionReader:
    """Reads the expressions of one file."""

    def __init__(self, source: SourceText, offsets: ByteOffsets) -> None:
        """Read nodes of the tree of `source`."""
        self._source = source
        self._offsets = offsets
        self._is_plain = offsets.is_plain
        self.too_deep: Range | None = None

    def range(self, node: Node) -> Range:
        """Where a node stands, in code points."""
        place = node.byte_range
        return place if self._is_plain else self._offsets.range(*place)

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        start, end = self.range(node)
        return self._source.text[start:end]

    def read(self, node: Node, depth: int = 0) -> Expression:
        """Read one expression; below `MAX_DEPTH` everything is an empty `Compound`."""
        if depth > MAX_DEPTH:
            self.too_deep = self.too_deep or self.range(node)
            return Compound(self._source, *self.range(node), ())
        kind = node.type
        while kind in _WRAPPERS and len(inner := _operands(node)) == 1:
            node = inner[0]
            kind = node.type
        return self._read_kind(node, kind, depth)

    def _read_kind(self, node: Node, kind: str, depth: int) -> Expression:
        if kind in _STRINGS:
            return Template(self, self._source, node, depth).read()
        place = (self._source, *self.range(node))
        if kind in _LITERALS:
            return Literal(*place, _literal(self.text(node)))
        if kind == "variable_expr":
            return Traversal(*place, self.text(node))
        inner = _operands(node)
        if kind in _SCOPES:
            return self._read_for(node, inner, depth)
        if kind == "function_call":
            return self._read_call(node, inner, depth)
        return self._read_parts(node, inner, depth)

    def _read_parts(self, node: Node, inner: list[Node], depth: int) -> Expression:
        place = (self._source, *self.range(node))
        if node.type == "conditional":
            return self._read_conditional(node, depth)
        if node.type == "tuple":
            return ListValue(*place, self.read_all(inner, depth))
        if node.type == "object":
            elements = [child for child in node.children if child.type == "object_elem"]
            return ObjectValue(*place, tuple(self._read_item(item, depth) for item in elements))
        terms = self.read_all(inner, depth)
        match node.type, terms:
            case "unary_operation", (_,):
                return Operation(*place, self.text(node.children[0]), terms)
            case "binary_operation", (_, _):
                signs = [child for child in node.children if child.type in _SIGNS]
                return Operation(*place, self.text(signs[0]) if signs else "", terms)
        return terms[0] if node.type in _WRAPPERS and len(terms) == 1 else Compound(*place, terms)

    def _read_conditional(self, node: Node, depth: int) -> Expression:
        """Read `a ? b : c ? d : e` from the right; the grammar groups it from the left."""
        parts = self.read_all(_branches(node), depth)
        if len(parts) % 2 == 0:
            return Compound(self._source, *self.range(node), parts)
        *chain, last = parts
        while chain:
            *chain, condition, then = chain
            last = Conditional(self._source, condition.start, last.end, condition, then, last)
        return last

    def _read_call(self, node: Node, inner: list[Node], depth: int) -> Call:
        name = self.text(node.named_children[0])
        arguments = [part for child in inner for part in _operands(child)]
        expanded = any(part.type == "ellipsis" for child in inner for part in child.children)
        return Call(
            self._source, *self.range(node), name, self.read_all(arguments, depth), expanded
        )

    def read_all(self, nodes: Iterable[Node], depth: int) -> tuple[Expression, ...]:
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
        ways = [way for node in postfixes for way in self._postfixes(node, depth)]
        start, end = self.range(first)[0], self.range(postfixes[-1])[1]
        if first.type == "variable_expr":
            name = self.text(first)
            return Traversal(self._source, start, end, name, _steps(ways), tuple(ways))
        return Access(self._source, start, end, self.read(first, depth), tuple(ways))

    def _postfixes(self, node: Node, depth: int) -> Iterator[Postfix]:
        """Read one postfix; a splat has those behind it inside."""
        kind = node.type
        if kind == "get_attr":
            yield GetAttr(self.text(node.named_children[0]))
        elif kind == "legacy_index":
            index = _literal(self.text(node).removeprefix("."))
            start, end = self.range(node)
            yield Index(Literal(self._source, start + 1, end, index), is_legacy=True)
        elif kind in {"full_splat", "attr_splat"}:
            yield Splat(is_full=kind == "full_splat")
        for child in node.children:
            if child.type == "expression":
                yield Index(self.read(child, depth))
            elif child.type in _SELECTORS:
                yield from self._postfixes(child, depth)

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

    def _read_for(self, node: Node, inner: list[Node], depth: int) -> Expression:
        place = (self._source, *self.range(node))
        intros = [part for part in inner if part.type == "for_intro"]
        conditions = [part for part in inner if part.type == "for_cond"]
        body = self.read_all([p for p in inner if p not in (*intros, *conditions)], depth)
        heads = self.read_all([part for intro in intros for part in _operands(intro)], depth)
        tests = self.read_all(conditions, depth)
        names = tuple(self.text(c) for i in intros for c in i.children if c.type == "identifier")
        is_object = node.type == "for_object_expr"
        if len(heads) != 1 or len(body) != 1 + is_object:
            return Compound(*place, (*heads, *body, *tests))
        key = body[0] if is_object else None
        groups = any(child.type == "ellipsis" for child in node.children)
        test = tests[0] if tests else None
        return For(*place, names, heads[0], key, body[-1], test, groups)


def _operands(node: Node) -> list[Node]:
    """Return the children that are expressions, or parts of one."""
    return [child for child in node.children if child.type in _OPERANDS_AND_POSTFIXES]


def _branches(node: Node) -> list[Node]:
    """Return conditions and branches in order, through conditions that are no parentheses."""
    found: list[Node] = []
    first = node
    while first.type == "conditional":
        condition, *branches = _operands(first)
        found = branches + found
        node = first = condition
        while len(first.children) == 1 and first.type in _WRAPPERS:
            first = first.children[0]
    return [node, *found]


def _steps(ways: Iterable[Postfix]) -> tuple[str | int, ...]:
    steps = list[str | int]()
    for way in ways:
        step: object = None
        if isinstance(way, GetAttr):
            step = way.name
        elif isinstance(way, Index) and isinstance(way.key, Text | Literal):
            step = way.key.value
        if not isinstance(step, str) and type(step) is not int:
            break
        steps.append(step)
    return tuple(steps)


def _literal(text: str) -> float | bool | None:
    if text in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[text]
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        # Beyond Python's digits, or not a number to HCL either: no rule can judge it.
        return None
