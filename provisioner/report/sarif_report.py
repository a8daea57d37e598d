"""Findings → SARIF 2.1.0, which GitHub code scanning and many other tools read."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from provisioner import __version__
from provisioner.finding import CheckResult, Edit, Finding, Span
from provisioner.report.context import ReportContext
from provisioner.report.fingerprint import fingerprints
from provisioner.report.sarif_rules import sarif_rules

__all__ = ["sarif_report"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "provisionerFinding/v1"
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def sarif_report(result: CheckResult, context: ReportContext) -> str:
    """Write a log with one run."""
    findings = (*result.findings, *result.hidden)
    rules = sarif_rules(findings, context.rules)
    indexes = {rule["id"]: index for index, rule in enumerate(rules)}
    marks = fingerprints(findings, result, context)
    results = [
        _result(finding, mark, indexes, context)
        for finding, mark in zip(findings, marks, strict=True)
    ]
    for hidden in results[len(result.findings) :]:
        hidden["suppressions"] = [{"kind": "inSource"}]
    driver = {"name": "provisioner", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the checkout, or the working folder."}}
        },
        "artifacts": [
            {"location": _artifact(path, context), "roles": ["analysisTarget"]}
            for path in result.files
        ],
        "results": results,
        "properties": {"suppressed": result.suppressed},
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _result(
    finding: Finding, fingerprint: str, indexes: Mapping[str, int], context: ReportContext
) -> dict[str, Any]:
    artifact = _artifact(finding.path, context)
    place = {"artifactLocation": artifact, "region": _region(finding.span)}
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    written: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": indexes[finding.code],
        "level": finding.severity.value,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
        "properties": {"confidence": finding.confidence.value},
    }
    if finding.fix:
        replacements = [_replacement(edit) for edit in finding.fix.edits]
        change = {"artifactLocation": artifact, "replacements": replacements}
        written["fixes"] = [{"artifactChanges": [change], "properties": {"safe": finding.fix.safe}}]
    return written


def _replacement(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": _region(edit.span),
        "insertedContent": {"text": edit.replacement},
    }


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }


def _artifact(path: str, context: ReportContext) -> dict[str, str]:
    """Return the location of a file; its URI has every byte of the path, text or not."""
    place = context.place(path)
    data = _NO_BYTE.sub("\ufffd", place).encode(errors="surrogateescape")
    uri = urllib.parse.quote(data)
    if place.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}
