"""What is wrong with a user's file, where, and what to do: the one result of every check.

Lines and columns start at 1, ends are exclusive, columns count code points.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

__all__ = [
    "FILE_START",
    "CheckResult",
    "Confidence",
    "Edit",
    "Finding",
    "Fix",
    "Position",
    "RuleDescription",
    "Severity",
    "Span",
    "sorted_findings",
]


class Severity(enum.StrEnum):
    """How bad a finding is, in the words of SARIF."""

    ERROR = "error"
    """Terraform, Coder or Codex will refuse it, or a credential goes to the wrong place."""
    WARNING = "warning"
    """It works today and will hurt later."""
    NOTE = "note"
    """Worth knowing."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Confidence(enum.StrEnum):
    """How sure a rule is; below HIGH only for heuristics."""

    HIGH = "high"
    """A fact about the file."""
    MEDIUM = "medium"
    """True unless something outside the file says otherwise."""
    LOW = "low"
    """A guess worth a look."""


class Position(Struct, frozen=True, order=True):
    """A place between two characters: line and column from 1."""

    line: int
    column: int


class Span(Struct, frozen=True):
    """A stretch of one file, end exclusive."""

    start: Position
    end: Position

    @classmethod
    def of(cls, line: int, column: int, end_line: int, end_column: int) -> Span:
        """Build a span from four numbers."""
        return cls(Position(line, column), Position(end_line, end_column))


FILE_START = Span.of(1, 1, 1, 1)
"""Where a finding about a whole file points."""


class Edit(Struct, frozen=True):
    """Replace the text of `span` by `replacement`."""

    span: Span
    replacement: str


class Fix(Struct, frozen=True):
    """Edits to one file that remove the finding; `safe` when nothing else changes its meaning."""

    safe: bool
    edits: tuple[Edit, ...]


class Finding(Struct, frozen=True):
    """One result of one rule at one span."""

    code: str
    name: str
    severity: Severity
    message: str
    path: str
    span: Span = FILE_START
    help: str = ""
    confidence: Confidence = Confidence.HIGH
    fix: Fix | None = None
    secret: bool = False
    """Whether the text at the span is a credential, which no reporter may show."""

    @property
    def sort_key(self) -> tuple[str, Position, int, int, str, str]:
        """Order by path and start, the wider span first, then by code and message."""
        start, end = self.span.start, self.span.end
        return (self.path, start, -end.line, -end.column, self.code, self.message)


class RuleDescription(Struct, frozen=True):
    """What one rule is about, for formats that explain the codes they name."""

    code: str
    name: str
    severity: Severity
    summary: str
    sections: Mapping[str, str] = field(default_factory=dict)
    """Heading → text, in the order to show them."""
    topic: str = ""


class CheckResult(Struct, frozen=True):
    """What one run found: sorted findings, the files it read, and their text for reporters."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    suppressed: int = 0
    sources: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[Finding, ...] = ()
    """The suppressed findings themselves, where the run kept them."""
    also: tuple[str, ...] = ()
    """What else was done to come to them, in words, for the line that counts."""

    def count(self, severity: Severity) -> int:
        """Return how many findings have exactly `severity`."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, least: Severity) -> bool:
        """Say whether any finding is as bad as `least` or worse."""
        return any(finding.severity.rank <= least.rank for finding in self.findings)

    def joined(self, other: CheckResult) -> CheckResult:
        """Return what both found together."""
        return CheckResult(
            sorted_findings([*self.findings, *other.findings]),
            tuple(sorted({*self.files, *other.files})),
            self.suppressed + other.suppressed,
            {**self.sources, **other.sources},
            (*self.hidden, *other.hidden),
        )


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return `findings` in the one order every reporter uses, without exact repeats."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key))
