"""Bytes → text whose every offset has a line and a column, or the reason why they are not text.

Offsets and columns count code points. A byte order mark is taken off and has no column, as in
Terraform and in editors.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from msgspec import Struct
from msgspec.structs import force_setattr

from provisioner.finding import Position, Span

__all__ = ["ByteOffsets", "LocatedText", "SourceText", "SyntaxProblem", "decode_source"]

_BOM = "\ufeff"
_LEAD_BYTE = re.compile(rb"[\xc2-\xf4]")


class SyntaxProblem(Struct, frozen=True):
    """Why a text cannot be read, where, and what to do about it."""

    message: str
    span: Span
    help: str = ""


class LocatedText(Protocol):
    """A text that knows where each of its characters stands in a file."""

    @property
    def text(self) -> str:
        """The characters."""

    @property
    def holes(self) -> frozenset[int]:
        """Offsets of the characters that only stand for something not known."""

    def span(self, start: int, end: int) -> Span:
        """Say where the characters from `start` to `end` stand."""


class SourceText(Struct, frozen=True, dict=True):
    """The text of one file, under the path a user knows it by."""

    path: str
    text: str

    def __post_init__(self) -> None:
        """Take the byte order mark off."""
        force_setattr(self, "text", self.text.removeprefix(_BOM))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @property
    def holes(self) -> frozenset[int]:
        """None: a file is what it is."""
        return frozenset()

    def position(self, offset: int) -> Position:
        """Line and column of the character at `offset`."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the characters from `start` to `end`."""
        return Span(self.position(start), self.position(end))

    def offset(self, position: Position) -> int:
        """Return where the character at a line and a column stands."""
        starts = self._line_starts
        start = starts[min(position.line, len(starts)) - 1]
        return min(start + position.column - 1, len(self.text))

    @property
    def line_count(self) -> int:
        """The number of lines; an empty one after the last line break does not count."""
        return len(self._line_starts) - (self._line_starts[-1] == len(self.text) > 0)

    def line(self, number: int) -> str:
        """Return the text of one line, without its line break."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : None if end < 0 else end].removesuffix("\r")


class ByteOffsets:
    """From offsets in UTF-8, which tree-sitter counts, to offsets in code points."""

    def __init__(self, data: bytes) -> None:
        """Remember where `data` has a character of several bytes."""
        matches = list(_LEAD_BYTE.finditer(data))
        self._leads = [match.start() for match in matches]
        extra = (1 + (match[0] >= b"\xe0") + (match[0] >= b"\xf0") for match in matches)
        self._extra = [0, *accumulate(extra)]

    @property
    def is_plain(self) -> bool:
        """Whether both are the same."""
        return not self._leads

    def __call__(self, byte_offset: int) -> int:
        """Count the code points before `byte_offset`."""
        return byte_offset - self._extra[bisect_left(self._leads, byte_offset)]

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Turn both ends of a stretch."""
        return (self(start), self(end)) if self._leads else (start, end)


def decode_source(data: bytes, path: str) -> tuple[SourceText, SyntaxProblem | None]:
    """Read `data` as UTF-8; where that fails, the text is a best effort to show to the user."""
    try:
        source = SourceText(path, data.decode())
    except UnicodeDecodeError as error:
        source = SourceText(path, data.decode(errors="replace"))
        start = len(data[: error.start].decode().removeprefix(_BOM))
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return source, SyntaxProblem(what, source.span(start, start + 1), "save the file as UTF-8")
    start = source.text.find("\0")
    if start < 0:
        return source, None
    what = "a NUL character cannot stand in a text file"
    return source, SyntaxProblem(what, source.span(start, start + 1), "remove the character")
