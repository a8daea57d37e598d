"""Findings → GitHub workflow commands, which become annotations of the changed files."""

from __future__ import annotations

from provisioner.finding import CheckResult, Finding, Severity
from provisioner.report.context import ReportContext

__all__ = ["github_report"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def github_report(result: CheckResult, context: ReportContext) -> str:
    """Write one command a finding, nothing when there is none."""
    return "\n".join(_command(finding, context) for finding in result.findings)


def _command(finding: Finding, context: ReportContext) -> str:
    start, end = finding.span.start, finding.span.end
    properties = {
        "title": f"{finding.code} {finding.name}",
        "file": context.place(finding.path),
        "line": str(start.line),
        "col": str(start.column),
        "endLine": str(end.line),
        "endColumn": str(end.column),
    }
    written = ",".join(f"{key}={text.translate(_IN_PROPERTY)}" for key, text in properties.items())
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return f"::{_COMMANDS[finding.severity]} {written}::{text.translate(_IN_MESSAGE)}"
