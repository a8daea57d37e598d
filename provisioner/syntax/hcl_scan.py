"""Terraform source, right or wrong → which quotes, heredocs, brackets and sequences open where.

It follows HashiCorp's own scanner, so that the place where something is opened can be named when
the parser only says where it missed the end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Kind", "Opening", "Scan", "scan"]


class Kind(StrEnum):
    """What can be opened and closed."""

    BRACE = "{"
    BRACKET = "["
    PAREN = "("
    COMMENT = "/*"
    QUOTE = '"'
    HEREDOC = "<<"
    SEQUENCE = "${"
    """`${` and `%{`, which a brace closes."""


@dataclass(slots=True)
class Opening:
    """Something that opens at `start`; `inner` is where its inside begins.

    `end` is where its closing begins, None for what stays open; `breaks` is the first line break
    between two quotes.
    """

    kind: Kind
    start: int
    inner: int
    around: Opening | None = None
    end: int | None = None
    breaks: int | None = None
    marker: str = ""


@dataclass(slots=True)
class Scan:
    """The strings and sequences of a text, and what stays `open` to its end, outermost first.

    `lost` are the parentheses and brackets that a brace ends. `depth` is at least as large as
    the nesting that a recursive parser meets.
    """

    strings: list[Opening] = field(default_factory=list)
    sequences: list[Opening] = field(default_factory=list)
    open: list[Opening] = field(default_factory=list)
    lost: list[Opening] = field(default_factory=list)
    depth: int = 0

    def around(self, offset: int) -> Opening | None:
        """Return the innermost template sequence that begins before `offset` and ends after it."""
        index = bisect_right(self.sequences, offset, key=lambda sequence: sequence.start)
        found = self.sequences[index - 1] if index else None
        while found and (
            found.kind is not Kind.SEQUENCE or (found.end is not None and found.end < offset)
        ):
            found = found.around
        return found


_CODE = re.compile(
    r"""(?P<skip>(?:\#|//)[^\n]*|/\*.*?\*/)
    |(?P<comment>/\*)
    |<<-?(?P<heredoc>[^\W\d][\w-]*)\r?\n
    |(?P<quote>")
    |(?P<open>[{\[(])
    |(?P<close>[}\])])
    |(?P<prefix>[!?-])
    |(?P<ends>[,\n])
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(
    r'(?P<skip>\\.|\$\$\{|%%\{)|(?P<sequence>\$\{|%\{)|(?P<quote>")|(?P<newline>\n)', re.DOTALL
)
_HEREDOC = re.compile(r"(?P<skip>\$\$\{|%%\{)|(?P<sequence>\$\{|%\{)|(?P<newline>\n)")
_CLOSES = {"}": Kind.BRACE, "]": Kind.BRACKET, ")": Kind.PAREN}


def scan(text: str) -> Scan:
    """Scan one file."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._scan = Scan()
        self._stack: list[Opening] = []
        # Unary operators and conditions nest without a bracket, up to the end of their item.
        self._prefixes = [0]
        self._nested = 0
        self._line_start = 0

    def run(self) -> Scan:
        offset = 0
        while offset < len(self._text):
            top = self._stack[-1].kind if self._stack else Kind.BRACE
            if top is Kind.QUOTE:
                offset = self._quoted(offset)
            elif top is Kind.HEREDOC:
                offset = self._heredoc(offset)
            else:
                offset = self._code(offset)
        self._scan.open = self._stack
        return self._scan

    def _code(self, offset: int) -> int:
        for match in _CODE.finditer(self._text, offset):
            match match.lastgroup:
                case "prefix":
                    self._prefixes[-1] += 1
                    self._nested += 1
                    self._scan.depth = max(self._scan.depth, self._nested)
                case "ends" if match[0] == "," or not self._in_parens():
                    self._nested -= self._prefixes[-1]
                    self._prefixes[-1] = 0
                case "open":
                    self._push(Kind(match[0]), match)
                case "close":
                    self._close(match)
                    if self._stack and self._stack[-1].kind in {Kind.QUOTE, Kind.HEREDOC}:
                        return match.end()
                case "quote":
                    self._scan.strings.append(self._push(Kind.QUOTE, match))
                    return match.end()
                case "heredoc":
                    self._line_start = match.end()
                    self._scan.strings.append(
                        self._push(Kind.HEREDOC, match, marker=match["heredoc"])
                    )
                    return match.end()
                case "comment":
                    self._push(Kind.COMMENT, match)
                    return len(self._text)
        return len(self._text)

    def _in_parens(self) -> bool:
        return bool(self._stack) and self._stack[-1].kind in {Kind.PAREN, Kind.BRACKET}

    def _quoted(self, offset: int) -> int:
        for match in _QUOTED.finditer(self._text, offset):
            if match.lastgroup == "quote":
                self._pop(match.start())
                return match.end()
            if match.lastgroup == "sequence":
                self._scan.sequences.append(self._push(Kind.SEQUENCE, match))
                return match.end()
            if match.lastgroup == "newline" and self._stack[-1].breaks is None:
                self._stack[-1].breaks = match.start()
        return len(self._text)

    def _heredoc(self, offset: int) -> int:
        heredoc = self._stack[-1]
        whole = offset == self._line_start
        for match in _HEREDOC.finditer(self._text, offset):
            if match.lastgroup == "sequence":
                self._scan.sequences.append(self._push(Kind.SEQUENCE, match))
                return match.end()
            if match.lastgroup == "newline":
                line = self._text[self._line_start : match.start()]
                if whole and line.strip() == heredoc.marker:
                    self._pop(self._line_start)
                    return match.start()
                self._line_start, whole = match.end(), True
        return len(self._text)

    def _push(self, kind: Kind, match: re.Match[str], marker: str = "") -> Opening:
        around = self._stack[-1] if self._stack else None
        opening = Opening(kind, match.start(), match.end(), around, marker=marker)
        self._stack.append(opening)
        self._prefixes.append(0)
        self._nested += 1
        self._scan.depth = max(self._scan.depth, self._nested)
        return opening

    def _close(self, match: re.Match[str]) -> None:
        wanted = {_CLOSES[match[0]]}
        if match[0] == "}":
            # The scanner counts braces alone: a parenthesis that is left open ends here too.
            wanted.add(Kind.SEQUENCE)
            while self._stack and self._stack[-1].kind in {Kind.PAREN, Kind.BRACKET}:
                self._scan.lost.append(self._stack[-1])
                self._discard()
        if self._stack and self._stack[-1].kind in wanted:
            self._pop(match.start())

    def _discard(self) -> None:
        self._nested -= 1 + self._prefixes.pop()
        self._stack.pop()

    def _pop(self, end: int) -> None:
        self._stack[-1].end = end
        self._discard()
