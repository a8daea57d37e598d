"""Findings → JUnit XML, which Jenkins and GitLab show as tests: one for each file."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from provisioner.finding import CheckResult, Finding
from provisioner.report.context import ReportContext
from provisioner.report.display import one_line
from provisioner.report.text_report import counted

__all__ = ["junit_report"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(result: CheckResult, context: ReportContext) -> str:
    """Write one suite; a file with findings is a test that failed."""
    found: dict[str, list[Finding]] = {path: [] for path in result.files}
    for finding in result.findings:
        found.setdefault(finding.path, []).append(finding)
    attributes = {
        "name": "provisioner",
        "tests": str(len(found)),
        "failures": str(sum(map(bool, found.values()))),
        "errors": "0",
    }
    suites = ET.Element("testsuites", attributes)
    suite = ET.SubElement(suites, "testsuite", attributes)
    for path, findings in sorted(found.items()):
        name = _NOT_XML.sub("\ufffd", context.place(path))
        case = ET.SubElement(suite, "testcase", classname="provisioner", name=name)
        if findings:
            # One failure for all: Jenkins reads only the first of a test.
            worst = min(findings, key=lambda finding: finding.severity.rank)
            failure = ET.SubElement(
                case, "failure", type=worst.severity.value, message=counted(findings)
            )
            failure.text = "\n".join(_line(finding) for finding in findings)
    ET.indent(suites)
    written = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}'


def _line(finding: Finding) -> str:
    start = finding.span.start
    what = f"{finding.severity} {finding.code} {one_line(finding.message)} [{finding.name}]"
    help_line = f"\n  help: {one_line(finding.help)}" if finding.help else ""
    return _NOT_XML.sub("\ufffd", f"{start.line}:{start.column}: {what}{help_line}")
