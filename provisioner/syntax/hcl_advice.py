"""Problems at the place where HashiCorp's parser noticed them → problems at their cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from provisioner.finding import Position, Span
from provisioner.syntax.hcl_scan import Kind, Opening, Scan
from provisioner.syntax.hcl_words import in_our_words
from provisioner.syntax.source import SourceText, SyntaxProblem

__all__ = ["Advice", "advise"]

_SHELL = re.compile(r"\$\{(?:[#!]\w+\}|\w+(?:\[[@*]\]|[-:=+?#%/^,@]))")
# Of these, what is an expression of Terraform under no circumstances.
_SURELY_SHELL = re.compile(r"\$\{\w+[:^@,]")
# What Terraform reads as a comment hides the brace that the shell sees.
_LEFT_OPEN = re.compile(r"\$\{(?:#\w+|\w+(?:\[[@*]\])?(?:#|//)[^\s{}\"]*)\}")
_FORMAT = re.compile(r"%\{(?!(?:if|else|endif|for|endfor)\b)[\w-]+\}")
_NEXT_ARGUMENT = re.compile(r"\s*[\w-]+\s*=(?![=>])")
_SEPARATORS = frozenset({"missing argument separator", "missing item separator"})
_MARKER_LINE = re.compile(r"\s*([^\W\d][\w-]*)(.*)")
_LIKE = 0.6
_LEADERS = frozenset({"invalid character", "unsupported operator"})
_FOLLOWERS = frozenset(
    {
        "argument or block definition required",
        "invalid expression",
        "missing newline after argument",
        "missing newline after block definition",
    }
)


class Advice(Struct, frozen=True):
    """Better problems, and the stretches to blank to see what else is wrong."""

    problems: tuple[SyntaxProblem, ...]
    blanked: tuple[tuple[int, int], ...] = ()


def advise(source: SourceText, problems: Sequence[SyntaxProblem], scan: Scan) -> Advice:
    """Move each problem to its cause and leave out what only follows from another one.

    `problems` must not be empty.
    """
    lost = _unclosed(source, scan)
    if lost is None:
        return _advised(source, problems, scan)
    at = source.offset(lost.span.start)
    before = [item for item in problems if source.offset(item.span.start) < at]
    advice = _advised(source, before, scan)
    if advice.blanked:
        return advice
    foreign = _LEFT_OPEN.match(source.text, at)
    if foreign:
        return Advice((*advice.problems, _foreign(source, *foreign.span())), (foreign.span(),))
    return Advice((*advice.problems, lost))


def _advised(source: SourceText, problems: Sequence[SyntaxProblem], scan: Scan) -> Advice:
    found, blanked = list[SyntaxProblem](), list[tuple[int, int]]()
    for problem in _causes(source, problems):
        offset = source.offset(problem.span.start)
        sequence = scan.around(offset)
        if sequence and sequence.end is not None and _is_foreign(source, sequence):
            blanked.append((sequence.start, sequence.end + 1))
            found.append(_foreign(source, *blanked[-1]))
        else:
            bracket = _open_bracket(source, problem, scan)
            found.append(bracket or in_our_words(source, problem))
    if blanked:
        # The parser stops at the first of a string; those that can be nothing else come with it.
        for other in scan.sequences:
            if other.end is not None and _SURELY_SHELL.match(source.text, other.start):
                blanked.append((other.start, other.end + 1))
                found.append(_foreign(source, *blanked[-1]))
    return Advice(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(blanked)))


def _causes(source: SourceText, problems: Sequence[SyntaxProblem]) -> Iterator[SyntaxProblem]:
    """Leave out what follows from another problem of the line, or of a heredoc's bad marker."""
    wrong = {item.span.start.line for item in problems if item.message in _LEADERS}
    skip_to = Position(0, 0)
    for problem in sorted(problems, key=lambda item: item.span.start):
        start = problem.span.start
        if start < skip_to or (start.line in wrong and problem.message in _FOLLOWERS):
            continue
        if problem.message == "invalid expression" and (end := _marked_end(source, start)):
            skip_to = end
        yield problem


def _marked_end(source: SourceText, start: Position) -> Position | None:
    """Return where a heredoc ends whose opening line Terraform does not understand."""
    opening = re.match(r"<<-?[ \t]*[\"']?(\w[\w-]*)", source.line(start.line)[start.column - 1 :])
    if opening:
        for number in range(start.line + 1, source.line_count + 1):
            if source.line(number).strip() == opening[1]:
                return Position(number + 1, 1)
    return None


def _is_foreign(source: SourceText, sequence: Opening) -> bool:
    """Say whether a sequence is the shell's or a format's, and not Terraform's."""
    text = source.text[sequence.start : (sequence.end or 0) + 1]
    if text.startswith("%{"):
        return _FORMAT.fullmatch(text) is not None
    return _SHELL.match(text) is not None


def _foreign(source: SourceText, start: int, end: int) -> SyntaxProblem:
    text = source.text[start:end]
    what = "directive" if text.startswith("%") else "expression"
    message = f'"{text}" is no {what} of Terraform'
    advice = f'to keep it as text, for the shell or another program, write "{text[0]}{text}"'
    return SyntaxProblem(message, source.span(start, end), advice)


def _open_bracket(source: SourceText, problem: SyntaxProblem, scan: Scan) -> SyntaxProblem | None:
    """Return the bracket that is open where the next argument begins."""
    number = problem.span.start.line
    line = source.line(number)
    if problem.message not in _SEPARATORS or not _NEXT_ARGUMENT.match(line):
        return None
    offset = source.offset(Position(number, 1))
    around = [
        item
        for item in (*scan.open, *scan.lost)
        if item.kind in {Kind.PAREN, Kind.BRACKET} and item.start < offset
    ]
    if not around:
        return None
    bracket = max(around, key=lambda item: item.start)
    closing = ")" if bracket.kind is Kind.PAREN else "]"
    message = f'this "{bracket.kind}" is not closed before the next argument'
    advice = f'add the missing "{closing}" before line {number}'
    return SyntaxProblem(message, source.span(bracket.start, bracket.inner), advice)


def _unclosed(source: SourceText, scan: Scan) -> SyntaxProblem | None:
    """Return the first quote, heredoc, interpolation or comment whose end is missing."""
    broken = next((string for string in scan.strings if string.breaks is not None), None)
    kinds = {Kind.COMMENT, Kind.HEREDOC, Kind.QUOTE}
    lost = next((index for index, item in enumerate(scan.open) if item.kind in kinds), None)
    if lost is None or (broken and broken.start < scan.open[lost].start):
        return _open_quote(source, broken) if broken else None
    opening, *inside = scan.open[lost:]
    if opening.kind is Kind.COMMENT:
        span = source.span(opening.start, opening.inner)
        return SyntaxProblem("this comment is never closed", span, 'add "*/" where it ends')
    if inside and inside[0].kind is Kind.SEQUENCE:
        return _open_sequence(source, inside[0])
    if opening.kind is Kind.HEREDOC:
        return _open_heredoc(source, opening)
    return _open_quote(source, opening)


def _open_quote(source: SourceText, quote: Opening) -> SyntaxProblem:
    around = quote.around
    while around and around.kind is not Kind.SEQUENCE:
        around = around.around
    line = source.position(quote.start).line
    if around and source.position(around.start).line == line:
        return _open_sequence(source, around)
    end = source.text.find("\n", quote.start)
    span = source.span(quote.start, len(source.text) if end < 0 else end)
    return SyntaxProblem(
        "this quoted string is not closed on its line",
        span,
        'add the closing quote; for text of several lines use "\\n" or a heredoc (<<-EOT … EOT)',
    )


def _open_sequence(source: SourceText, sequence: Opening) -> SyntaxProblem:
    span = source.span(sequence.start, sequence.inner)
    mark = source.text[sequence.start : sequence.inner]
    return SyntaxProblem(
        f'this "{mark}" is not closed before the end of its string',
        span,
        f'add the missing "}}"; to keep "{mark}" as text, write "{mark[0]}{mark}"',
    )


def _open_heredoc(source: SourceText, heredoc: Opening) -> SyntaxProblem:
    marker = heredoc.marker
    message = f'the heredoc that begins here is never closed: no line is "{marker}" alone'
    span = source.span(heredoc.start, heredoc.inner - 1)
    end = span.end.column - source.text.startswith("\r", heredoc.inner - 2)
    span = Span(span.start, Position(span.start.line, end))
    return SyntaxProblem(message, span, _closing_advice(source, heredoc, span.start.line))


def _closing_advice(source: SourceText, heredoc: Opening, line: int) -> str:
    marker, similar = heredoc.marker, ""
    for number in range(line + 1, source.line_count + 1):
        match = _MARKER_LINE.fullmatch(source.line(number))
        if not match:
            continue
        if match[1] == marker and number == source.line_count and not match[2].strip():
            return f'end the file with a line break after "{marker}"'
        if match[1] == marker and match[2].strip()[:1] in {")", "]", "}", ",", ";", '"'}:
            rest = match[2].strip()
            return f'in line {number}, move "{rest}" from "{marker}" to the line after it'
        likeness = SequenceMatcher(None, match[1].upper(), marker.upper()).ratio()
        if not similar and not match[2].strip() and likeness >= _LIKE:
            similar = f'line {number} is "{match[1]}"; write "{marker}" there'
    return similar or f'add a line with nothing but "{marker}" where the text ends'
