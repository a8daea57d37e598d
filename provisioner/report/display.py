"""Foreign text → what may go to a terminal, and how many cells it takes there."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["ShownLine", "one_line", "show_line"]

_TAB = 4
_LIMIT = 120
_MARGIN = 40
_BREAKS = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
# A foreign file must not steer the terminal it is shown on, nor turn the order of what is read.
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A source line, or the part of it that fits, and the cells that are marked."""

    text: str
    start: int
    width: int


def one_line(text: str) -> str:
    """Return `text` on one line, without anything that a terminal obeys."""
    return _UNSHOWN.sub(_REPLACEMENT, _BREAKS.sub(" ", text))


def show_line(line: str, first: int, last: int) -> ShownLine:
    """Show `line` with the characters from `first` to `last` marked, at least one cell.

    A tab goes to the next multiple of four cells. A line that is too long is cut around the mark.
    """
    first = min(first, len(line))
    last = min(max(last, first), len(line))
    begin = max(first - 4 * _LIMIT, 0)
    part = line[begin : first + 4 * _LIMIT]
    shown, starts = _cells(part)
    low, high = _window(starts, first - begin)
    while low and low < high and not _width(part[low]):
        low += 1
    left = "…" if begin + low else ""
    right = "…" if begin + high < len(line) else ""
    text = left + "".join(shown[low:high]) + right
    before = len(left) - starts[low]
    start = starts[first - begin] + before
    end = starts[min(last - begin, high)] + before + (len(right) if last > begin + high else 0)
    if end <= start:
        is_combining = first < len(line) and last > first and start > 0
        return ShownLine(text, start - is_combining, 1)
    return ShownLine(text, start, end - start)


def _cells(text: str) -> tuple[list[str], list[int]]:
    """Return what is shown of each character, and the cell where it and the end begin."""
    if text.isascii() and text.isprintable():
        return list(text), list(range(len(text) + 1))
    shown: list[str] = []
    widths: list[int] = []
    column = 0
    for character in text:
        if character == "\t":
            width = _TAB - column % _TAB
            shown.append(" " * width)
        else:
            shown.append(_UNSHOWN.sub(_REPLACEMENT, character))
            width = _width(shown[-1])
        widths.append(width)
        column += width
    return shown, list(accumulate(widths, initial=0))


def _width(character: str) -> int:
    """Count cells as most terminals do; nobody agrees on joined emoji."""
    is_medial_jamo = "\u1160" <= character <= "\u11ff"
    if unicodedata.category(character) in {"Mn", "Me"} or character in "\u200c\u200d":
        return 0
    if is_medial_jamo:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _window(starts: list[int], first: int) -> tuple[int, int]:
    """Return the first and last character to show, so that the mark at `first` is in sight."""
    total = starts[-1]
    if total <= _LIMIT:
        return 0, len(starts) - 1
    begin = max(min(starts[first] - _MARGIN, total - _LIMIT), 0)
    return bisect_left(starts, begin), bisect_right(starts, begin + _LIMIT) - 1
