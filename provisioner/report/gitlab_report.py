"""Findings → GitLab's Code Quality JSON, shown in merge requests."""

from __future__ import annotations

import json
from typing import Any

from provisioner.finding import CheckResult, Confidence, Finding, Severity
from provisioner.report.context import ReportContext
from provisioner.report.fingerprint import fingerprints

__all__ = ["gitlab_report"]


def gitlab_report(result: CheckResult, context: ReportContext) -> str:
    """Write a list with one object for each finding."""
    marks = fingerprints(result.findings, result, context)
    issues = [
        _issue(finding, mark, context) for finding, mark in zip(result.findings, marks, strict=True)
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False)


def _issue(finding: Finding, fingerprint: str, context: ReportContext) -> dict[str, Any]:
    text = f"{finding.message}; {finding.help}" if finding.help else finding.message
    return {
        "description": f"{finding.code} {text}",
        "check_name": finding.name,
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {
            "path": context.place(finding.path),
            "lines": {"begin": finding.span.start.line, "end": finding.span.end.line},
        },
    }


def _severity(finding: Finding) -> str:
    if finding.severity is Severity.ERROR:
        return "blocker" if finding.secret else "critical"
    if finding.severity is Severity.WARNING:
        return "major" if finding.confidence is Confidence.HIGH else "minor"
    return "info"
