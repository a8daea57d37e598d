"""Findings with fixes → the text of each file with the fixes made, as far as they hold."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from provisioner.finding import Edit, Finding, Position

__all__ = ["FixedText", "fixable", "fixed_text"]


@dataclass(frozen=True, slots=True)
class FixedText:
    """A file after fixes; `made` are the findings whose fix is in it."""

    text: str
    made: tuple[Finding, ...]


def fixable(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """Return the findings whose fix may be made: the safe ones, or all with `unsafe`."""
    return [item for item in findings if item.fix and (unsafe or item.fix.safe)]


def fixed_text(text: str, findings: Sequence[Finding]) -> FixedText:
    """Make the fixes of `findings`, which are all of one file, in their order.

    A fix of which any edit touches one that was already made is left out: its finding comes again
    when the file is checked again.
    """
    lines = _Lines(text)
    taken: list[tuple[int, int, str]] = []
    made = []
    for finding in findings:
        edits = [lines.range(edit) for edit in finding.fix.edits] if finding.fix else []
        if not edits or any(_overlap(new, old) for new in edits for old in taken):
            continue
        taken += edits
        made.append(finding)
    for start, end, replacement in sorted(taken, reverse=True):
        text = text[:start] + replacement + text[end:]
    return FixedText(text, tuple(made))


def _overlap(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """Say whether two edits share a character, or insert at the same place."""
    return (one[0] < other[1] and other[0] < one[1]) or one[0] == other[0]


class _Lines:
    """Positions in a text → offsets; a line ends at `\\n`, as spans count them."""

    def __init__(self, text: str) -> None:
        parts = text.split("\n")
        self._starts = [0, *accumulate(len(part) + 1 for part in parts)]
        self._crlf = [part.endswith("\r") for part in parts]

    def range(self, edit: Edit) -> tuple[int, int, str]:
        """Return both offsets, and the replacement with the line ends of its line."""
        start, end = self._offset(edit.span.start), self._offset(edit.span.end)
        ends_crlf = self._crlf[bisect_left(self._starts, start + 1) - 1]
        replacement = edit.replacement.replace("\n", "\r\n") if ends_crlf else edit.replacement
        return start, end, replacement

    def _offset(self, position: Position) -> int:
        return self._starts[position.line - 1] + position.column - 1
