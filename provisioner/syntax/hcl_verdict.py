"""What HashiCorp's own parser says about a text: the last word on syntax, and its wording."""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile

from provisioner.finding import Position, Span
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["hcl_problems"]

_ENTRY = re.compile(r"(?:\A|, )tmp\.hcl:(\d+),(\d+)-(?:(\d+),)?(\d+): ")
# The parser keeps its stack in memory and ends the process when that is used up; a nesting of
# 100,000 does. No other character can begin a nesting, and a megabyte of Terraform has fewer.
_OPENERS = re.compile(r"[\[({!?-]")
_MOST_OPENERS = 20_000
_JOINER = "\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


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
    starts = [offset for offset in range(len(text)) if not _continues(text, offset)]
    starts.append(len(text))
    beyond = column - len(starts)
    return Position(line, starts[min(column, len(starts)) - 1] + 1 + max(beyond, 0))


def _continues(text: str, offset: int) -> bool:
    """Say whether a reader sees the character as a part of the one before it."""
    if offset == 0:
        return False
    before, character = text[offset - 1], text[offset]
    if _is_flag_letter(character):
        letters = takewhile(_is_flag_letter, reversed(text[:offset]))
        return sum(1 for _ in letters) % 2 == 1
    is_mark = unicodedata.category(character) in {"Mn", "Me", "Mc"} or character in _SKIN_TONES
    return is_mark or _JOINER in {before, character}


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
