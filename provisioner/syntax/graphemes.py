"""One line of text → where each thing begins that a reader sees as one character."""

from __future__ import annotations

import unicodedata

__all__ = ["grapheme_starts"]

_JOINER = "\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_MARKS = frozenset({"Mn", "Me", "Mc"})


def grapheme_starts(line: str) -> list[int] | None:
    """Return the offsets of the characters, and the end; None when each is one code point."""
    if line.isascii():
        return None
    starts, before, flags = [], "", 0
    for offset, character in enumerate(line):
        is_flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        is_second = is_flag and flags % 2 == 1
        flags = flags + 1 if is_flag else 0
        if offset == 0 or not (is_second or _joins(before, character)):
            starts.append(offset)
        before = character
    return [*starts, len(line)]


def _joins(before: str, character: str) -> bool:
    is_mark = unicodedata.category(character) in _MARKS or character in _SKIN_TONES
    return is_mark or _JOINER in {before, character}
