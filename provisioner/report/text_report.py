"""Findings → lines for people: place and message, the source underlined, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.finding import CheckResult, Finding, Severity

__all__ = ["text_report"]

# A foreign file must not steer the terminal it is shown on.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SECRET_CHARACTER = re.compile(r"""[^\s"']""")


def text_report(result: CheckResult) -> str:
    """Write every finding, then one line that counts them."""
    lines = {path: source.split("\n") for path, source in result.sources.items()}
    for finding in result.findings:
        if finding.secret:
            _mask(finding, lines.get(finding.path, []))
    parts = ["\n".join(_finding(item, lines.get(item.path, []))) for item in result.findings]
    return "\n\n".join([*parts, _summary(result)])


def _mask(finding: Finding, lines: list[str]) -> None:
    """Blot out a credential, length kept, so that no finding on its lines shows it."""
    start, end = finding.span.start, finding.span.end
    for number in range(start.line, min(end.line, len(lines)) + 1):
        line = lines[number - 1]
        first = start.column - 1 if number == start.line else 0
        last = end.column - 1 if number == end.line else len(line)
        hidden = _SECRET_CHARACTER.sub("*", line[first:last])
        lines[number - 1] = line[:first] + hidden + line[last:]


def _finding(finding: Finding, lines: list[str]) -> Iterator[str]:
    start = finding.span.start
    place = f"{finding.path}:{start.line}:{start.column}"
    yield f"{place}: {finding.severity} {finding.code} {finding.message} [{finding.name}]"
    if start.line <= len(lines):
        yield from _excerpt(finding, lines[start.line - 1].rstrip("\r"))
    if finding.help:
        yield f"  help: {finding.help}"


def _excerpt(finding: Finding, line: str) -> Iterator[str]:
    """Show the first line of the span with carets below, at least one."""
    start, end = finding.span.start, finding.span.end
    last = end.column if end.line == start.line else len(line) + 1
    # A tab below a tab keeps the carets in place, however wide the terminal shows it.
    indent = "".join("\t" if character == "\t" else " " for character in line[: start.column - 1])
    number = str(start.line)
    yield f"  {number} | {_CONTROL.sub(chr(0xFFFD), line)}"
    yield f"  {' ' * len(number)} | {indent}{'^' * max(last - start.column, 1)}"


def _summary(result: CheckResult) -> str:
    files = _count(len(result.files), "file")
    counts = [
        _count(result.count(severity), severity.value)
        for severity in Severity
        if result.count(severity)
    ]
    suppressed = f" ({result.suppressed} suppressed)" if result.suppressed else ""
    if not counts:
        return f"clean: {files} checked{suppressed}"
    return f"{', '.join(counts)} in {files}{suppressed}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
