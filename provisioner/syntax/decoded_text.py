"""HCL string source → the characters Terraform sees, each with its place in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from provisioner.finding import Span
from provisioner.syntax.source import SourceText

__all__ = ["PLACEHOLDER", "DecodedText", "Run", "join_runs"]

PLACEHOLDER = "\ue000"
"""Stands in a decoded text for one interpolation or directive, whose value is not known."""


class Run(NamedTuple):
    """Characters that were decoded in one go.

    Either every character of `text` has one character of source, from `start` on, or `text` is a
    single character that `width` characters of source stand for.
    """

    text: str
    start: int
    width: int
    is_hole: bool = False


class DecodedText(Struct, frozen=True, dict=True):
    """The value of one quoted string or heredoc; `end` is where its source ends."""

    source: SourceText
    text: str
    runs: tuple[Run, ...]
    end: int

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for run in self.runs:
            starts.append(starts[-1] + len(run.text))
        return starts

    @cached_property
    def holes(self) -> frozenset[int]:
        """Offsets of the placeholders."""
        return frozenset(
            start for start, run in zip(self._starts, self.runs, strict=False) if run.is_hole
        )

    def source_offset(self, offset: int) -> int:
        """Where in the file the character at `offset` begins."""
        return self._bounds(offset)[0] if offset < len(self.text) else self.end

    def span(self, start: int, end: int) -> Span:
        """Where in the file the characters from `start` to `end` stand."""
        first = self.source_offset(start)
        return self.source.span(first, self._bounds(end - 1)[1] if end > start else first)

    def _bounds(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._starts, offset) - 1
        run = self.runs[index]
        if len(run.text) == 1:
            return run.start, run.start + run.width
        start = run.start + offset - self._starts[index]
        return start, start + 1


def join_runs(source: SourceText, runs: Iterable[Run], end: int) -> DecodedText:
    """Put decoded pieces together; empty ones vanish."""
    kept = tuple(run for run in runs if run.text)
    return DecodedText(source, "".join(run.text for run in kept), kept, end)
