"""TOML text → where each key and value stands, whatever way of writing was chosen.

The tree is tree-sitter's, which never gives up; whether the text is TOML at all is tomli's call.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import tomli
from msgspec import Struct, field

from provisioner.syntax.source import ByteOffsets

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["Path", "Place", "PlacedTable", "Range", "read_places", "read_texts"]

Range = tuple[int, int]
Path = tuple[str | int, ...]

_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})
_TEXTS = frozenset({"string", "quoted_key", "comment"})
_NO_VALUES = frozenset({"comment", "ERROR"})
_HEADERS = frozenset({"table", "table_array_element"})


class Place(Struct):
    """Where the last key token and the value of one piece of data stand, and what is inside it."""

    key: Range
    value: Range
    implicit: bool = False
    tables: dict[str, Place] = field(default_factory=dict)
    elements: list[Place] = field(default_factory=list)

    def inside(self, step: str | int) -> Place | None:
        """Return the place of one key or element."""
        if isinstance(step, str):
            return self.tables.get(step)
        return self.elements[step] if 0 <= step < len(self.elements) else None

    def define(self, name: str, key: Range, value: Range, *, implicit: bool = False) -> Place:
        """Return the place of `name`; its own definition wins over being part of another."""
        found = self.tables.get(name)
        if found is None:
            found = self.tables[name] = Place(key, value, implicit)
        elif found.implicit and not implicit:
            found.key, found.value, found.implicit = key, value, False
        return found


class PlacedTable(Struct, frozen=True):
    """One `[table]` or `[[table]]`, or the root; `pairs` are the paths written directly below."""

    path: Path
    span: Range
    pairs: list[Path]


@cache
def _parser() -> Parser:
    import tree_sitter_toml  # noqa: PLC0415 - a parser costs start-up time
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_toml.language()))


def _parse(text: str) -> tuple[Node, ByteOffsets]:
    data = text.encode("utf-8", "surrogatepass")
    return _parser().parse(data).root_node, ByteOffsets(data)


def read_texts(text: str) -> list[Range]:
    """Find the strings, quoted keys and comments: the stretches where any character is fine."""
    root, offsets = _parse(text)
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node.type in _TEXTS:
            found.append(offsets.range(*node.byte_range))
        else:
            waiting += node.children
    return found


def read_places(text: str) -> tuple[Place, tuple[PlacedTable, ...]]:
    """Find the place of everything in `text`, which must be TOML, and its tables in order."""
    root, offsets = _parse(text)
    return _Reader(text, offsets).read(root)


class _Reader:
    def __init__(self, text: str, offsets: ByteOffsets) -> None:
        self._text = text
        self._offsets = offsets
        self._root = Place((0, 0), (0, 0))

    def read(self, document: Node) -> tuple[Place, tuple[PlacedTable, ...]]:
        tables = [PlacedTable((), (0, 0), [])]
        place = self._root
        for node in document.named_children:
            if node.type in _HEADERS:
                place, path, span = self._open(node)
                tables.append(PlacedTable(path, span, []))
            for pair in [node] if node.type == "pair" else node.named_children:
                if pair.type == "pair":
                    path = self._pair(pair, place)
                    tables[-1].pairs.append((*tables[-1].path, *path))
        return self._root, tuple(tables)

    def _range(self, node: Node) -> Range:
        return self._offsets.range(*node.byte_range)

    def _open(self, node: Node) -> tuple[Place, Path, Range]:
        """Enter the table of a header."""
        opening, *_ = children = node.children
        close = next((child for child in children if child.type in {"]", "]]"}), opening)
        span = self._offsets.range(opening.start_byte, close.end_byte)
        keys = list(self._keys(node))
        place, path = self._root, list[str | int]()
        for name, token in keys[:-1]:
            place = place.define(name, token, span, implicit=True)
            path.append(name)
            if place.elements:
                path.append(len(place.elements) - 1)
                place = place.elements[-1]
        for name, token in keys[-1:]:
            place = place.define(name, token, span)
            path.append(name)
            if node.type == "table_array_element":
                path.append(len(place.elements))
                place.elements.append(Place(token, span))
                place = place.elements[-1]
        return place, tuple(path), span

    def _pair(self, node: Node, place: Place) -> tuple[str, ...]:
        """Place one pair and all that its value holds; return its path below `place`."""
        path = tuple(name for name, _ in self._keys(node))
        waiting = [(node, place)]
        while waiting:
            node, place = waiting.pop()
            if node.type == "pair":
                waiting += self._place_value(node, place)
            elif node.type == "inline_table":
                waiting += [(pair, place) for pair in node.named_children if pair.type == "pair"]
            elif node.type == "array":
                for item in node.named_children:
                    if item.type not in _NO_VALUES:
                        place.elements.append(Place(self._range(item), self._range(item)))
                        waiting.append((item, place.elements[-1]))
        return path

    def _place_value(self, pair: Node, place: Place) -> list[tuple[Node, Place]]:
        keys = list(self._keys(pair))
        # A comment behind the value is a part of the pair.
        values = [node for node in pair.named_children if node.type not in _NO_VALUES | _KEYS]
        if not keys or not values:
            return []
        span = self._range(values[0])
        for name, token in keys[:-1]:
            place = place.define(name, token, span, implicit=True)
        name, token = keys[-1]
        return [(values[0], place.define(name, token, span))]

    def _keys(self, node: Node) -> Iterator[tuple[str, Range]]:
        """Name and place of each key token that `node`, a pair or a header, is written with."""
        key = next((child for child in node.children if child.type in _KEYS), None)
        tokens: list[Node] = []
        while key is not None and key.type == "dotted_key":
            parts = [child for child in key.children if child.type in _KEYS]
            tokens = parts[1:] + tokens
            key = parts[0] if parts else None
        for token in [key, *tokens] if key is not None else tokens:
            yield _key_name(self._text[slice(*self._range(token))]), self._range(token)


def _key_name(token: str) -> str:
    if token.startswith('"') and "\\" in token:
        return next(iter(tomli.loads(f"{token} = 0")))
    return token[1:-1] if token[0] in "\"'" else token
