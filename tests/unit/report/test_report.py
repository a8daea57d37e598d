"""Every format, byte for byte."""

from __future__ import annotations

import json

import pytest

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Confidence, Edit, Finding, Fix, Severity, Span
from provisioner.report import REPORTERS, report

SOURCES = {"a.tf": '\tname = "😀é" # x\r\nlast {\n', "b.toml": ""}


def finding(span: Span, **fields: object) -> Finding:
    known: dict[str, object] = {
        "code": "PRV101",
        "name": "bad-thing",
        "severity": Severity.ERROR,
        "message": "this is bad",
        "path": "a.tf",
    }
    return Finding(span=span, **(known | fields))  # type: ignore[arg-type]


def result(*findings: Finding, suppressed: int = 0) -> CheckResult:
    return CheckResult(findings, tuple(SOURCES), suppressed, SOURCES)


def test_text_underlines_the_source() -> None:
    first = finding(Span.of(1, 9, 1, 13), help='write "x"')
    second = finding(
        Span.of(2, 6, 3, 1), code="PRV401", name="other", severity=Severity.WARNING, message="open"
    )

    assert report(result(first, second)).split("\n") == [
        "a.tf:1:9: error PRV101 this is bad [bad-thing]",
        '  1 | \tname = "😀é" # x',
        "    | \t       ^^^^",
        '  help: write "x"',
        "",
        "a.tf:2:6: warning PRV401 open [other]",
        "  2 | last {",
        "    |      ^",
        "",
        "1 error, 1 warning in 2 files",
    ]


@pytest.mark.parametrize(
    ("span", "carets"),
    [
        (Span.of(2, 1, 2, 5), "^^^^"),
        (Span.of(2, 1, 2, 1), "^"),
        (Span.of(2, 7, 2, 7), "      ^"),
        (Span.of(2, 7, 3, 1), "      ^"),
        (Span.of(1, 17, 2, 5), "\t               ^"),
    ],
)
def test_carets_cover_the_first_line_of_the_span(span: Span, carets: str) -> None:
    assert report(result(finding(span))).split("\n")[2] == f"    | {carets}"


def test_a_place_in_an_empty_or_unknown_file_has_no_wrong_excerpt() -> None:
    empty = finding(Span.of(1, 1, 1, 1), path="b.toml")
    unknown = finding(Span.of(9, 1, 9, 2), path="c.tf")

    assert report(result(empty, unknown)).split("\n") == [
        "b.toml:1:1: error PRV101 this is bad [bad-thing]",
        "  1 | ",
        "    | ^",
        "",
        "c.tf:9:1: error PRV101 this is bad [bad-thing]",
        "",
        "2 errors in 2 files",
    ]


@pytest.mark.parametrize(
    ("checked", "summary"),
    [
        (result(), "clean: 2 files checked"),
        (result(suppressed=3), "clean: 2 files checked (3 suppressed)"),
        (CheckResult((), ("a.tf",)), "clean: 1 file checked"),
        (
            result(*[finding(Span.of(1, 1, 1, 1), severity=Severity.NOTE)] * 2, suppressed=1),
            "2 notes in 2 files (1 suppressed)",
        ),
    ],
)
def test_the_last_line_counts(checked: CheckResult, summary: str) -> None:
    assert report(checked).split("\n")[-1] == summary


def test_json_has_the_published_shape() -> None:
    edits = (Edit(Span.of(1, 10, 1, 11), "x"),)
    item = finding(
        Span.of(1, 9, 1, 13),
        help="é",
        confidence=Confidence.MEDIUM,
        fix=Fix(safe=True, edits=edits),
    )
    plain = finding(Span.of(2, 1, 2, 2), severity=Severity.NOTE)

    assert json.loads(report(result(item, plain, suppressed=4), "json")) == {
        "version": 1,
        "findings": [
            {
                "code": "PRV101",
                "name": "bad-thing",
                "severity": "error",
                "confidence": "medium",
                "message": "this is bad",
                "help": "é",
                "path": "a.tf",
                "start": {"line": 1, "column": 9},
                "end": {"line": 1, "column": 13},
                "fix": {
                    "safe": True,
                    "edits": [
                        {
                            "start": {"line": 1, "column": 10},
                            "end": {"line": 1, "column": 11},
                            "replacement": "x",
                        }
                    ],
                },
            },
            {
                "code": "PRV101",
                "name": "bad-thing",
                "severity": "note",
                "confidence": "high",
                "message": "this is bad",
                "help": "",
                "path": "a.tf",
                "start": {"line": 2, "column": 1},
                "end": {"line": 2, "column": 2},
                "fix": None,
            },
        ],
        "summary": {"errors": 1, "warnings": 0, "notes": 1, "files": 2, "suppressed": 4},
    }


def test_github_escapes_what_its_commands_are_made_of() -> None:
    item = finding(Span.of(1, 9, 2, 3), path="a:b,c%.tf", message="50% :: bad,\nreally", help="h")
    note = finding(Span.of(1, 1, 1, 2), severity=Severity.NOTE)

    assert report(result(item, note), "github").split("\n") == [
        "::error title=PRV101 bad-thing,file=a%3Ab%2Cc%25.tf,line=1,col=9,endLine=2,endColumn=3::50%25 :: bad,%0Areally%0Ah",
        "::notice title=PRV101 bad-thing,file=a.tf,line=1,col=1,endLine=1,endColumn=2::this is bad",
    ]


def test_github_says_nothing_about_a_clean_run() -> None:
    assert report(result(), "github") == ""


def test_an_unknown_format_is_an_input_error() -> None:
    with pytest.raises(InputError) as raised:
        report(result(), "xml")
    assert str(raised.value) == (
        'there is no report format "xml"; there are: ' + ", ".join(sorted(REPORTERS))
    )
