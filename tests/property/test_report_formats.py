"""Whatever a finding says, each format can be parsed and says the same."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.finding import (
    CheckResult,
    Confidence,
    Edit,
    Finding,
    Fix,
    Position,
    Severity,
    Span,
    sorted_findings,
)
from provisioner.report import FORMATS, ReportContext, report

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "contract/schemas/sarif-2.1.0-rtm.5.json").read_bytes()
)
SARIF = jsonschema.Draft4Validator(SCHEMA)
AWKWARD = st.sampled_from(
    ["::error::x", "]]>", "%0A", "\r\n", "\x1b[31m", "\u2028", "&lt;<!--", '"\\', "\x00", ",:%"]
)
TEXT = st.lists(AWKWARD | st.text(max_size=8), max_size=4).map("".join)
PATH = (TEXT | st.binary(max_size=8).map(os.fsdecode)).filter(lambda path: path not in {"", "/"})
POSITIONS = st.builds(Position, st.integers(1, 6), st.integers(1, 12))
SPANS = st.tuples(POSITIONS, POSITIONS).map(lambda pair: Span(*sorted(pair)))
FIXES = st.builds(
    Fix, safe=st.booleans(), edits=st.lists(st.builds(Edit, SPANS, TEXT), min_size=1).map(tuple)
)
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(["PRV101", "PRV501", "PRV900"]),
    name=st.just("bad-thing"),
    severity=st.sampled_from(Severity),
    message=TEXT,
    path=PATH,
    span=SPANS,
    help=TEXT,
    confidence=st.sampled_from(Confidence),
    fix=st.none() | FIXES,
)
SOURCE = st.lists(st.text(max_size=12) | AWKWARD, max_size=6).map("\n".join)
# Line ends and blanks of every kind; what a terminal obeys is not shown at all.
OBEYED = re.compile("[\x00-\x09\x0b-\x1a\x1b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@st.composite
def results(draw: Callable[..., Any]) -> CheckResult:
    findings = sorted_findings(draw(st.lists(FINDINGS, max_size=4)))
    paths = {finding.path for finding in findings} | draw(st.sets(PATH, max_size=2))
    sources = {path: draw(SOURCE) for path in sorted(paths)}
    return CheckResult(findings, tuple(sources), draw(st.integers(0, 3)), sources)


def clean(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def both(finding: Finding, between: str = "\n") -> str:
    return clean(f"{finding.message}{between}{finding.help}" if finding.help else finding.message)


@given(result=results(), colour=st.booleans())
def test_every_report_is_text_and_the_same_twice(*, result: CheckResult, colour: bool) -> None:
    context = ReportContext(colour=colour)
    for format_name in FORMATS:
        text = report(result, format_name, context)

        assert text.encode().decode() == text
        assert not text.endswith("\n")
        assert report(result, format_name, context) == text


@given(results())
def test_lines_for_people_stay_lines_and_steer_nothing(result: CheckResult) -> None:
    concise = report(result, "concise").split("\n") if result.findings else []
    text = report(result)

    assert len(concise) == len(result.findings)
    for line, finding in zip(concise, result.findings, strict=True):
        assert line.isprintable() or not OBEYED.search(line)
        assert f":{finding.span.start.line}:{finding.span.start.column}: {finding.code}" in line
    assert not OBEYED.search(text)
    headers = [part.split("\n")[0] for part in text.split("\n\n")[:-1]]
    assert len(headers) == len(result.findings)


@given(results())
def test_json_reads_back(result: CheckResult) -> None:
    content = json.loads(report(result, "json"))

    assert content["summary"]["suppressed"] == result.suppressed
    for written, finding in zip(content["findings"], result.findings, strict=True):
        assert written["message"] == clean(finding.message)
        assert written["help"] == clean(finding.help)
        assert written["path"] == clean(finding.path)
        assert Span(Position(**written["start"]), Position(**written["end"])) == finding.span
        assert (written["fix"] is None) == (finding.fix is None)
        for edit, original in zip(
            (written["fix"] or {}).get("edits", []),
            finding.fix.edits if finding.fix else (),
            strict=True,
        ):
            assert edit["replacement"] == original.replacement


@settings(max_examples=40)
@given(results())
def test_sarif_fits_its_schema_and_reads_back(result: CheckResult) -> None:
    log = json.loads(report(result, "sarif"))

    SARIF.validate(log)
    (run,) = log["runs"]
    marks = [found["partialFingerprints"]["provisionerFinding/v1"] for found in run["results"]]
    assert len(set(marks)) == len(marks)
    for written, finding in zip(run["results"], result.findings, strict=True):
        place = written["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"].removeprefix("file://")
        assert uri.isascii()
        assert os.fsdecode(urllib.parse.unquote_to_bytes(uri)) == finding.path
        assert written["message"]["text"] == both(finding)
        assert Span.of(*place["region"].values()) == finding.span


@given(results())
def test_gitlab_reads_back(result: CheckResult) -> None:
    issues = json.loads(report(result, "gitlab"))

    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue, finding in zip(issues, result.findings, strict=True):
        assert issue["description"] == f"{finding.code} {both(finding, '; ')}"
        assert issue["location"]["path"] == clean(finding.path)
        assert issue["location"]["lines"]["begin"] == finding.span.start.line


@given(results())
def test_github_reads_back_as_its_runner_reads_it(result: CheckResult) -> None:
    text = report(result, "github")
    lines = re.split("\r\n|\r|\n", text) if text else []

    assert len(lines) == len(result.findings)
    for line, finding in zip(lines, result.findings, strict=True):
        _, head, data = line.split("::", 2)
        command, _, properties = head.partition(" ")
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        assert command in {"error", "warning", "notice"}
        assert unescaped(pairs["file"]) == clean(finding.path)
        assert int(pairs["endColumn"]) == finding.span.end.column
        assert unescaped(data) == both(finding)


def unescaped(text: str) -> str:
    """Undo what the runner undoes, in its order."""
    for code, character in (
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%25", "%"),
    ):
        text = text.replace(code, character)
    return text


@given(results())
def test_junit_is_xml_with_a_test_for_each_file(result: CheckResult) -> None:
    suite = ET.fromstring(report(result, "junit"))[0]
    bad = {finding.path for finding in result.findings}

    names = [case.attrib["name"] for case in suite]
    assert names == [carried(path) for path in sorted(result.sources)]
    assert int(suite.attrib["tests"]) == len(suite)
    assert int(suite.attrib["failures"]) == len(bad)
    assert [bool(len(case)) for case in suite] == [path in bad for path in sorted(result.sources)]
    for case in suite.iter("failure"):
        assert case.text
        assert "[bad-thing]" in case.text


def carried(text: str) -> str:
    return "".join(
        character
        if character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")
        else "\ufffd"
        for character in clean(text)
    )


SECRETS = st.text("ABCDEFGH-_.$+/=(", min_size=8, max_size=20)
AROUND = st.text("xyz \n", max_size=6)
QUOTES = st.sampled_from(["", '"', "'"])


@given(secret=SECRETS, around=st.tuples(AROUND, AROUND), quote=QUOTES, more=results())
def test_no_format_shows_a_credential(
    secret: str, around: tuple[str, str], quote: str, more: CheckResult
) -> None:
    shown = secret.join(around)
    source = f"key = {quote}{secret}{quote}\n# {shown}"
    end = 7 + len(secret) + 2 * len(quote)
    credential = Finding(
        "PRV101", "bad-thing", Severity.ERROR, shown, "a.tf", Span.of(1, 7, 1, end), secret=True
    )
    fix = Fix(safe=True, edits=(Edit(Span.of(2, 1, 2, 2), shown),))
    other = Finding(
        "PRV501", "bad-thing", Severity.NOTE, "m", "a.tf", Span.of(2, 1, 3, 1), shown, fix=fix
    )
    found = sorted_findings([credential, other, *more.findings])
    result = CheckResult(found, ("a.tf", *more.files), 1, {**more.sources, "a.tf": source}, found)

    for format_name in FORMATS:
        assert secret not in report(result, format_name)
