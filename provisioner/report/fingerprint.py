"""Findings → fingerprints that stay when lines move."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from provisioner.finding import CheckResult, Finding
from provisioner.report.context import ReportContext

__all__ = ["fingerprints"]


def fingerprints(
    findings: Iterable[Finding], result: CheckResult, context: ReportContext
) -> Iterator[str]:
    """Yield a SHA-256 for each finding, in hexadecimal, none of them twice.

    It is made of the rule, the path and the text of the line, blanks aside, and of how many times
    the same was seen before. Neither line numbers nor the words of the message are part of it.
    """
    lines = {path: source.split("\n") for path, source in result.sources.items()}
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        key = (
            finding.code,
            context.place(finding.path),
            *_words(finding, lines.get(finding.path, ())),
        )
        content = json.dumps([*key, seen[key]])
        seen[key] += 1
        yield hashlib.sha256(content.encode()).hexdigest()


def _words(finding: Finding, lines: Sequence[str]) -> list[str]:
    start = finding.span.start
    if start.line > len(lines):
        return []
    line = lines[start.line - 1]
    # Two findings of a rule on one line differ in where they point.
    return [" ".join(text.split()) for text in (line, line[: start.column - 1])]
