"""Findings → one JSON object; its shape is an interface."""

from __future__ import annotations

import json
from typing import Any

from provisioner.finding import CheckResult, Finding, Fix, Position, Severity
from provisioner.report.context import ReportContext

__all__ = ["json_report"]


def json_report(result: CheckResult, _: ReportContext) -> str:
    """Write the object, indented; docs/reporting.md lists its fields."""
    content = {
        "version": 1,
        "findings": [_finding(finding) for finding in result.findings],
        "summary": {
            "errors": result.count(Severity.ERROR),
            "warnings": result.count(Severity.WARNING),
            "notes": result.count(Severity.NOTE),
            "files": len(result.files),
            "suppressed": result.suppressed,
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "help": finding.help,
        "path": finding.path,
        "start": _position(finding.span.start),
        "end": _position(finding.span.end),
        "fix": _fix(finding.fix) if finding.fix else None,
        "docs": f"docs/rules.md#{finding.code.lower()}-{finding.name}",
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [
        {
            "start": _position(edit.span.start),
            "end": _position(edit.span.end),
            "replacement": edit.replacement,
        }
        for edit in fix.edits
    ]
    return {"safe": fix.safe, "edits": edits}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
