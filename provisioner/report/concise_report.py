"""Findings → one line each, for editors and `grep`."""

from __future__ import annotations

from provisioner.finding import CheckResult, Finding
from provisioner.report.context import ReportContext
from provisioner.report.display import one_line

__all__ = ["concise_report"]


def concise_report(result: CheckResult, _: ReportContext) -> str:
    """Write `path:line:column: CODE message` for each finding, nothing when there is none."""
    return "\n".join(_line(finding) for finding in result.findings)


def _line(finding: Finding) -> str:
    start = finding.span.start
    place = f"{one_line(finding.path)}:{start.line}:{start.column}"
    return f"{place}: {finding.code} {one_line(finding.message)}"
