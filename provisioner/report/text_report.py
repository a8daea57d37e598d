"""Findings → lines for people: place and message, the source underlined, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from provisioner.finding import CheckResult, Finding, Severity
from provisioner.report.context import ReportContext
from provisioner.report.display import one_line
from provisioner.report.excerpt import excerpt

__all__ = ["counted", "summary", "text_report"]

_BOLD = "1"
_HELP = "1;36"
_COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;34"}


def text_report(result: CheckResult, context: ReportContext) -> str:
    """Write every finding, then one line that counts them."""
    paint = _coloured if context.colour else _plain
    lines = {path: source.split("\n") for path, source in result.sources.items()}
    parts = ["\n".join(_finding(item, lines.get(item.path, ()), paint)) for item in result.findings]
    return "\n\n".join([*parts, summary(result)])


def summary(result: CheckResult) -> str:
    """Count findings and files in one line."""
    files = _count(len(result.files), "file")
    fixable = sum(finding.fix is not None for finding in result.findings)
    more = [f"{result.suppressed} suppressed"] if result.suppressed else []
    more += [f"{fixable} with a fix"] if fixable else []
    more += result.also
    beside = f" ({', '.join(more)})" if more else ""
    if result.findings:
        place = f" in {files}" if result.files else ""
        return f"{counted(result.findings)}{place}{beside}"
    if not result.files:
        return "nothing was checked: the settings leave every file out"
    return f"clean: {files} checked{beside}"


def counted(findings: Iterable[Finding]) -> str:
    """Count findings by severity, the worst first."""
    found = [finding.severity for finding in findings]
    counts = [(found.count(severity), severity.value) for severity in Severity]
    return ", ".join(_count(number, noun) for number, noun in counts if number)


_Paint = Callable[[str, str], str]


def _finding(finding: Finding, lines: Sequence[str], paint: _Paint) -> Iterator[str]:
    start = finding.span.start
    colour = _COLOURS[finding.severity]
    place = paint(f"{one_line(finding.path)}:{start.line}:{start.column}:", _BOLD)
    what = paint(f"{finding.severity} {finding.code}", colour)
    yield f"{place} {what} {one_line(finding.message)} [{one_line(finding.name)}]"
    yield from excerpt(finding.span, lines, lambda mark: paint(mark, colour))
    if finding.help:
        yield f"  {paint('help:', _HELP)} {one_line(finding.help)}"
    if finding.fix:
        manner = "safe" if finding.fix.safe else "it may change what the file means"
        yield f"  {paint('fix:', _HELP)} there is one, {manner}"


def _coloured(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _plain(text: str, _: str) -> str:
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
