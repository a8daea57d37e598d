"""What HashiCorp's own parser says about a text: the last word on syntax, and its wording."""

from __future__ import annotations

import re
import unicodedata

from provisioner.finding import Position, Span
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["hcl_problems"]

_ENTRY = re.compile(r"(?:\A|, )tmp\.hcl:(\d+),(\d+)-(?:(\d+),)?(\d+): ")
# The parser keeps its stack in memory and ends the process when that is used up; a nesting of
# 100,000 does. No other character can begin a nesting, and a megabyte of Terraform has fewer.
_OPENERS = re.compile(r"[\[({!?-]")
_MOST_OPENERS = 20_000
_JOINER = "\u200d"


def hcl_problems(source: SourceText) -> tuple[SyntaxProblem, ...] | None:
    """Return every syntax error of `source`, or None when the parser cannot be asked.

    Repeated arguments are left out.
    """
    if len(_OPENERS.findall(source.text)) > _MOST_OPENERS:
        return None
    import pygohcl  # noqa: PLC0415 - a parser costs start-up time

    try:
        pygohcl.loads(source.text)
    except pygohcl.HCLParseError as error:
        return tuple(_problems(source, str(error).removeprefix("invalid HCL: ")))
    except (pygohcl.HCLInternalError, RecursionError):
        return ()  # It was parsed; what failed is the way from Go to Python.
    return ()


def _problems(source: SourceText, message: str) -> list[SyntaxProblem]:
    found = []
    entries = list(_ENTRY.finditer(message))
    ends = [entry.start() for entry in entries[1:]] + [len(message)]
    for entry, end in zip(entries, ends, strict=True):
        summary, _, detail = message[entry.end() : end].partition("; ")
        if summary == "Attribute redefined":
            continue
        line, column, end_line, end_column = (int(number or entry[1]) for number in entry.groups())
        span = Span(_position(source, line, column), _position(source, end_line, end_column))
        advice = " ".join(detail.split()).removesuffix(".")
        found.append(SyntaxProblem(summary[:1].lower() + summary[1:], span, advice))
    return found


def _position(source: SourceText, line: int, column: int) -> Position:
    """Turn a column that counts what a reader sees as one character into code points."""
    text = source.line(line)
    if text.isascii():
        return Position(line, column)
    seen = offset = 0
    while offset < len(text) and seen < column - 1:
        offset += 1
        while offset < len(text) and _continues(text[offset - 1], text[offset]):
            offset += 1
        seen += 1
    return Position(line, offset + 1 + (column - 1 - seen))


def _continues(before: str, character: str) -> bool:
    """Say whether `character` belongs to the one before it."""
    return unicodedata.category(character) in {"Mn", "Me", "Mc"} or _JOINER in {before, character}
