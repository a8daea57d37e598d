"""Terraform or TOML text → its comments; what only looks like one, inside a string, is none."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from provisioner.syntax.source import ByteOffsets, LocatedText

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["Range", "hcl_comments", "toml_comments"]

Range = tuple[int, int]
"""Offsets of a comment, its `#`, `//` or `/*` included, a line's end not."""


def hcl_comments(text: str) -> list[Range]:
    """Return the comments of a Terraform file, in the order of the file."""
    return _comments(text, _parser("hcl"))


def toml_comments(located: LocatedText) -> list[Range]:
    """Return the comments of TOML text."""
    return _comments(located.text, _parser("toml"))


def _comments(text: str, parser: Parser) -> list[Range]:
    data = text.encode("utf-8", "surrogatepass")
    offsets = ByteOffsets(data)
    found, waiting = list[Range](), [parser.parse(data).root_node]
    while waiting:
        node: Node = waiting.pop()
        if node.type == "comment":
            found.append(offsets.range(node.start_byte, node.end_byte))
        waiting += node.children
    return sorted(found)


@cache
def _parser(language: str) -> Parser:
    import tree_sitter_hcl  # noqa: PLC0415 - a parser costs start-up time
    import tree_sitter_toml  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    grammar = tree_sitter_hcl if language == "hcl" else tree_sitter_toml
    return Parser(Language(grammar.language()))
