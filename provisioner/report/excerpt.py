"""A span → its source lines with the span underlined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from provisioner.finding import Span
from provisioner.report.display import show_line

__all__ = ["excerpt"]

_HEAD, _TAIL = 3, 2


def excerpt(span: Span, lines: Sequence[str], paint: Callable[[str], str] = str) -> Iterator[str]:
    """Yield the lines of `span`, nothing when the file has no such line; `paint` colours marks.

    A span of several lines has a bar beside it; of a long one the middle is left out.
    """
    first, start = span.start.line, span.start.column - 1
    last, end = _last_place(span, lines)
    if first > len(lines):
        return
    gutter = " " * (len(str(last)) + 2)
    if first == last:
        shown = show_line(_line(lines, first), start, end)
        yield _row(first, gutter, shown.text)
        yield f"{gutter} | {' ' * shown.start}{paint('^' * shown.width)}"
        return
    opened = show_line(_line(lines, first), start, start + 1)
    yield _row(first, gutter, f"  {opened.text}")
    yield f"{gutter} |  {paint('_' * (opened.start + 1) + '^')}"
    for number in range(first + 1, last):
        if first + _HEAD <= number <= last - _TAIL:
            if number == first + _HEAD:
                yield f"{gutter} {paint('⋮')}"
            continue
        yield _row(number, gutter, f"{paint('|')} {show_line(_line(lines, number), 0, 0).text}")
    closed = show_line(_line(lines, last), end - 1, end)
    yield _row(last, gutter, f"{paint('|')} {closed.text}")
    yield f"{gutter} | {paint('|' + '_' * (closed.start + closed.width) + '^')}"


def _last_place(span: Span, lines: Sequence[str]) -> tuple[int, int]:
    """Return line and column after the last character: an end at a line start covers no more."""
    last, end = span.end.line, span.end.column - 1
    if last > len(lines):
        last, end = len(lines), len(_line(lines, len(lines)))
    if end == 0 and last > span.start.line:
        last, end = last - 1, len(_line(lines, last - 1))
    return max(last, span.start.line), end


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def _row(number: int, gutter: str, text: str) -> str:
    return f"{number:>{len(gutter)}} | {text}".rstrip()
