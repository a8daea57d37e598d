"""What code hosts read: SARIF, GitLab's Code Quality and JUnit, field by field."""

from __future__ import annotations

import json
import tomllib
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from provisioner import __version__
from provisioner.finding import (
    CheckResult,
    Confidence,
    Edit,
    Finding,
    Fix,
    RuleDescription,
    Severity,
    Span,
)
from provisioner.report import ReportContext, report
from tests.support.command import ROOT

SOURCES = {"a b/é.tf": 'x = "chat"\n', "b.tf": "y = 1\n"}
RULE = RuleDescription(
    "PRV101",
    "bad-thing",
    Severity.ERROR,
    "A bad thing",
    {"What it does": "Reports\nit.", "Why": "It is bad."},
    "credentials",
)
FIX = Fix(safe=False, edits=(Edit(Span.of(1, 6, 1, 10), "responses"),))


def finding(**fields: Any) -> Finding:
    known: dict[str, Any] = {
        "code": "PRV101",
        "name": "bad-thing",
        "severity": Severity.ERROR,
        "message": "this is bad",
        "path": "a b/é.tf",
        "span": Span.of(1, 5, 1, 11),
    }
    return Finding(**(known | fields))


def result(*findings: Finding, **fields: Any) -> CheckResult:
    return CheckResult(findings, tuple(SOURCES), sources=SOURCES, **fields)


def sarif(checked: CheckResult, *rules: RuleDescription, folder: str = "") -> dict[str, Any]:
    context = ReportContext(rules, folder)
    run: dict[str, Any] = json.loads(report(checked, "sarif", context))["runs"][0]
    return run


def test_sarif_has_everything_of_a_finding() -> None:
    run = sarif(result(finding(help="h", fix=FIX)), RULE)

    found = run["results"][0]
    artifact = {"uri": "a%20b/%C3%A9.tf", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 11}
    assert len(found.pop("partialFingerprints")["provisionerFinding/v1"]) == 64
    assert found == {
        "ruleId": "PRV101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "this is bad\nh"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "properties": {"confidence": "high"},
        "fixes": [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": region | {"startColumn": 6, "endColumn": 10},
                                "insertedContent": {"text": "responses"},
                            }
                        ],
                    }
                ],
                "properties": {"safe": False},
            }
        ],
    }
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert [item["location"]["uri"] for item in run["artifacts"]] == ["a%20b/%C3%A9.tf", "b.tf"]


def test_sarif_explains_its_rules() -> None:
    driver = sarif(result(), RULE)["tool"]["driver"]

    assert driver["semanticVersion"] == __version__
    assert driver["rules"] == [
        {
            "id": "PRV101",
            "name": "BadThing",
            "shortDescription": {"text": "A bad thing."},
            "fullDescription": {"text": "Reports it."},
            "help": {
                "text": "A bad thing.\n\nWhat it does:\nReports\nit.\n\nWhy:\nIt is bad.",
                "markdown": "A bad thing.\n\n**What it does**\n\nReports\nit.\n\n**Why**\n\nIt is bad.",
            },
            "defaultConfiguration": {"level": "error"},
            "properties": {
                "precision": "high",
                "tags": ["credentials", "security"],
                "security-severity": "8.0",
            },
        }
    ]


def test_sarif_names_the_project_page_if_there_is_one() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get("urls", {})

    assert sarif(result())["tool"]["driver"].get("informationUri") in {*urls.values(), None}
    assert ("informationUri" in sarif(result())["tool"]["driver"]) == bool(urls)


def test_the_surest_word_of_a_rule_is_that_of_its_least_sure_finding() -> None:
    found = [finding(confidence=each) for each in (Confidence.MEDIUM, Confidence.LOW)]
    other = finding(code="PRV999", name="own-rule", severity=Severity.NOTE)
    run = sarif(result(*found, other), RULE)

    assert [item["ruleIndex"] for item in run["results"]] == [0, 0, 1]
    low, unknown = run["tool"]["driver"]["rules"]
    assert low["properties"]["precision"] == "low"
    assert unknown["name"] == "OwnRule"
    assert unknown["defaultConfiguration"] == {"level": "note"}
    assert unknown["properties"] == {"precision": "high", "tags": []}


def test_sarif_keeps_suppressed_findings_apart() -> None:
    run = sarif(result(finding(), suppressed=1, hidden=(finding(path="b.tf"),)))

    assert [item.get("suppressions") for item in run["results"]] == [None, [{"kind": "inSource"}]]
    assert run["properties"] == {"suppressed": 1}


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a.tf", {"uri": "a.tf", "uriBaseId": "%SRCROOT%"}),
        ("../x/./a.tf", {"uri": "file:///repo/x/a.tf"}),
        ("/repo/sub/b:c%d#e?.tf", {"uri": "b%3Ac%25d%23e%3F.tf", "uriBaseId": "%SRCROOT%"}),
        ("/else/a.tf", {"uri": "file:///else/a.tf"}),
        ("x\udcff\udc80.tf", {"uri": "x%FF%80.tf", "uriBaseId": "%SRCROOT%"}),
        ("x\ud800.tf", {"uri": "x%EF%BF%BD.tf", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_sarif_locations_are_uris(path: str, location: dict[str, str]) -> None:
    run = sarif(result(finding(path=path)), folder="/repo/sub")

    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == location


@pytest.mark.parametrize("format_name", ["sarif", "gitlab", "github", "junit"])
def test_a_code_host_gets_paths_from_the_root_of_the_checkout(format_name: str) -> None:
    context = ReportContext((), "/repo/sub", "/repo")
    text = report(result(finding(path="x.tf")), format_name, context)

    assert "sub/x.tf" in text
    assert "/repo" not in text


def test_gitlab_has_what_a_merge_request_shows() -> None:
    issues = json.loads(report(result(finding(help="h", span=Span.of(1, 5, 2, 1))), "gitlab"))

    assert len(issues[0].pop("fingerprint")) == 64
    assert issues == [
        {
            "description": "PRV101 this is bad; h",
            "check_name": "bad-thing",
            "severity": "critical",
            "location": {"path": "a b/é.tf", "lines": {"begin": 1, "end": 2}},
        }
    ]


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"secret": True}, "blocker"),
        ({}, "critical"),
        ({"severity": Severity.WARNING}, "major"),
        ({"severity": Severity.WARNING, "confidence": Confidence.LOW}, "minor"),
        ({"severity": Severity.NOTE}, "info"),
    ],
)
def test_gitlab_has_five_severities(fields: dict[str, Any], severity: str) -> None:
    assert json.loads(report(result(finding(**fields)), "gitlab"))[0]["severity"] == severity


def test_junit_has_one_test_for_each_file() -> None:
    worse = finding(help="h")
    note = finding(severity=Severity.NOTE, code="PRV511", message="n\x00")
    suites = ET.fromstring(report(result(note, worse), "junit"))

    assert suites.tag == "testsuites"
    (suite,) = suites
    assert suite.attrib == {"name": "provisioner", "tests": "2", "failures": "1", "errors": "0"}
    failed, passed = suite
    assert failed.attrib == {"classname": "provisioner", "name": "a b/é.tf"}
    assert passed.attrib == {"classname": "provisioner", "name": "b.tf"}
    assert list(passed) == []
    (failure,) = failed
    assert failure.attrib == {"type": "error", "message": "1 error, 1 note"}
    assert failure.text == (
        "1:5: note PRV511 n\ufffd [bad-thing]\n1:5: error PRV101 this is bad [bad-thing]\n  help: h"
    )


def test_a_clean_run_is_said_in_every_format() -> None:
    assert json.loads(report(result(), "gitlab")) == []
    assert ET.fromstring(report(result(), "junit"))[0].attrib["failures"] == "0"
    assert sarif(result())["results"] == []
