"""What HashiCorp's own parser says about a text: the last word on syntax, and its wording."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate

from provisioner.finding import Position, Span
from provisioner.syntax.graphemes import grapheme_starts
from provisioner.syntax.hcl_advice import Advice, advise
from provisioner.syntax.hcl_scan import Kind, Scan, scan
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["hcl_problems"]

_ENTRY = re.compile(r"(?:\A|, )tmp\.hcl:(\d+),(\d+)-(?:(\d+),)?(\d+): ")
# The parser keeps its stack in memory and ends the process when that is used up; a nesting of
# 100,000 does. No other character can begin a nesting, and most files have fewer.
_OPENERS = re.compile(r"[\[({!?-]")
_MOST_DEEP = 20_000
# Its time grows with the square of such a run.
_LONG_RUN = re.compile(r"[$%]{10000}")
# A repeated argument is an error after the parsing, so that the values are not computed, which
# takes ten times as long as parsing.
_END = "provisioner__end = 0\nprovisioner__end = 0\n"
_REPEATED = "Attribute redefined"
# Its time grows with the square of the lines of a heredoc: those above this many are left out.
_MOST_LINES = 1_000
_MOST_ROUNDS = 30
# What all rounds may read together.
_MOST_READ = 600_000


def hcl_problems(source: SourceText) -> tuple[SyntaxProblem, ...] | None:
    """Return every syntax error of `source`, or None when the parser cannot be asked.

    Repeated arguments are left out. What an unclosed quote, heredoc or interpolation makes of the
    text after it is no error of its own.
    """
    text = source.text
    scanned = _Once(text)
    if len(_OPENERS.findall(text)) > _MOST_DEEP and scanned().depth > _MOST_DEEP:
        return None
    if _LONG_RUN.search(text):
        return None
    found: dict[SyntaxProblem, None] = {}
    for _ in range(max(1, min(_MOST_ROUNDS, _MOST_READ // max(len(text), 1)))):
        current = SourceText(source.path, text)
        problems = _ask(current, scanned)
        advice = advise(current, problems, scanned()) if problems else Advice(())
        found |= dict.fromkeys(advice.problems)
        if not advice.blanked:
            break
        for start, end in advice.blanked:
            # A name of the same length takes the place of what was reported, to see what follows.
            text = text[:start] + "x" * (end - start) + text[end:]
        scanned = _Once(text)
    return tuple(sorted(found, key=lambda problem: problem.span.start))


class _Once:
    """The scan of a text, made when it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._scan: Scan | None = None

    def __call__(self) -> Scan:
        self._scan = self._scan or scan(self._text)
        return self._scan


def _ask(source: SourceText, scanned: Callable[[], Scan]) -> list[SyntaxProblem]:
    text = source.text
    shorter, lines = text, _Lines(())
    if text.count("\n") > _MOST_LINES and "<<" in text:
        shorter, lines = _without_long_heredocs(text, scanned())
    if shorter.endswith("\n") and not _messages(shorter + _END):
        return []
    positions = _Positions(source, lines)
    return [positions.problem(*message) for message in _messages(shorter)]


def _messages(text: str) -> list[tuple[re.Match[str], str]]:
    import pygohcl  # noqa: PLC0415 - a parser costs start-up time

    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError as error:
        return list(_entries(str(error).removeprefix("invalid HCL: ")))
    except (pygohcl.HCLInternalError, RecursionError):
        return []  # It was parsed; what failed is the way from Go to Python.
    return []


def _entries(message: str) -> Iterator[tuple[re.Match[str], str]]:
    entries = list(_ENTRY.finditer(message))
    ends = [entry.start() for entry in entries[1:]] + [len(message)]
    for entry, end in zip(entries, ends, strict=True):
        text = message[entry.end() : end]
        if not text.startswith(_REPEATED):
            yield entry, text


def _without_long_heredocs(text: str, scanned: Scan) -> tuple[str, _Lines]:
    """Leave out most lines of long heredocs without template sequences."""
    kept, cuts, offset, line = list[str](), list[tuple[int, int]](), 0, 1
    starts = {sequence.around.start for sequence in scanned.sequences if sequence.around}
    for string in scanned.strings:
        if string.kind is not Kind.HEREDOC or string.end is None or string.start in starts:
            continue
        count = text.count("\n", string.inner, string.end)
        if string.inner < offset or count <= _MOST_LINES:
            continue
        kept.append(text[offset : string.inner])
        line += text.count("\n", offset, string.inner)
        cuts.append((line, count))
        offset, line = string.end, line + count
    return "".join((*kept, text[offset:])), _Lines(cuts)


class _Lines:
    """The numbers that the lines of a shortened text have in the whole one."""

    def __init__(self, cuts: list[tuple[int, int]] | tuple[()]) -> None:
        """Take the first line and the number of lines of everything left out."""
        missing = [0, *accumulate(count for _, count in cuts)]
        self._missing = missing
        self._first = [line - before for (line, _), before in zip(cuts, missing, strict=False)]

    def __call__(self, line: int) -> int:
        return line + self._missing[bisect_right(self._first, line)]


class _Positions:
    """From the parser's positions to ours."""

    def __init__(self, source: SourceText, lines: _Lines) -> None:
        self._source = source
        self._lines = lines
        self._starts = cache(lambda line: grapheme_starts(source.line(line)))

    def problem(self, entry: re.Match[str], text: str) -> SyntaxProblem:
        summary, _, detail = text.partition("; ")
        line, column, end_line, end_column = (int(number or entry[1]) for number in entry.groups())
        span = Span(self._position(line, column), self._position(end_line, end_column))
        advice = _own_lines(" ".join(detail.split()), self._lines).removesuffix(".")
        return SyntaxProblem(summary[:1].lower() + summary[1:], span, advice)

    def _position(self, line: int, column: int) -> Position:
        """Turn a column that counts what a reader sees as one character into code points."""
        line = self._lines(line)
        starts = self._starts(line)
        if starts is None:
            return Position(line, column)
        beyond = max(column - len(starts), 0)
        return Position(line, starts[min(column, len(starts)) - 1] + 1 + beyond)


def _own_lines(detail: str, lines: _Lines) -> str:
    """Write a place in the parser's words as a line of the file."""
    return re.sub(
        r" at tmp\.hcl:(\d+),[\d,-]+", lambda match: f" in line {lines(int(match[1]))}", detail
    )
