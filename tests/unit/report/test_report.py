"""Every format, byte for byte."""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace

from provisioner.errors import InputError
from provisioner.finding import CheckResult, Confidence, Edit, Finding, Fix, Severity, Span
from provisioner.report import FORMATS, ReportContext, report

SOURCES = {"a.tf": '\tname = "😀é" # x\r\nlast {\n', "b.toml": ""}

FIX = Fix(safe=True, edits=(Edit(Span.of(1, 10, 1, 11), "x"),))


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
        '  1 |     name = "😀é" # x',
        "    |            ^^^^^",
        '  help: write "x"',
        "",
        "a.tf:2:6: warning PRV401 open [other]",
        "  2 | last {",
        "    |      ^",
        "",
        "1 error, 1 warning in 2 files",
    ]


def test_a_place_in_an_empty_or_unknown_file_has_no_wrong_excerpt() -> None:
    empty = finding(Span.of(1, 1, 1, 1), path="b.toml")
    unknown = finding(Span.of(9, 1, 9, 2), path="c.tf")

    assert report(result(empty, unknown)).split("\n") == [
        "b.toml:1:1: error PRV101 this is bad [bad-thing]",
        "  1 |",
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
        (CheckResult((finding(Span.of(1, 1, 1, 1)),), ()), "1 error"),
        (
            result(*[finding(Span.of(1, 1, 1, 1), severity=Severity.NOTE)] * 2, suppressed=1),
            "2 notes in 2 files (1 suppressed)",
        ),
        (
            result(finding(Span.of(1, 1, 1, 1), fix=FIX), suppressed=1),
            "1 error in 2 files (1 suppressed, 1 with a fix)",
        ),
    ],
)
def test_the_last_line_counts(checked: CheckResult, summary: str) -> None:
    assert report(checked).split("\n")[-1] == summary


@pytest.mark.parametrize(
    ("safe", "line"),
    [
        (True, "  fix: there is one, safe"),
        (False, "  fix: there is one, it may change what the file means"),
    ],
)
def test_text_says_that_there_is_a_fix(*, safe: bool, line: str) -> None:
    item = finding(Span.of(2, 1, 2, 5), help="h", fix=replace(FIX, safe=safe))

    assert report(result(item)).split("\n")[3:5] == ["  help: h", line]


def test_text_has_one_line_for_a_message_of_several() -> None:
    item = finding(Span.of(9, 1, 9, 1), message="a\r\n\tb\x1b", help="c\u2028d", path="x\ny")

    assert report(result(item)).split("\n")[:2] == [
        "x y:9:1: error PRV101 a b\ufffd [bad-thing]",
        "  help: c d",
    ]


def test_colour_is_nothing_but_colour() -> None:
    item = finding(Span.of(1, 9, 1, 13), help="h", fix=FIX)
    coloured = report(result(item), "text", ReportContext(colour=True))

    assert "\x1b[1;31m^^^^^\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == report(result(item))


def test_concise_has_one_line_for_each_finding() -> None:
    item = finding(Span.of(1, 9, 2, 3), message="a\nb", help="h")
    other = finding(Span.of(2, 1, 2, 2), path="b.toml")

    assert report(result(item, other), "concise").split("\n") == [
        "a.tf:1:9: PRV101 a b",
        "b.toml:2:1: PRV101 this is bad",
    ]
    assert report(result(), "concise") == ""


def test_json_has_the_published_shape() -> None:
    item = finding(
        Span.of(1, 9, 1, 13),
        help="é",
        confidence=Confidence.MEDIUM,
        fix=FIX,
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
                "docs": "docs/rules.md#prv101-bad-thing",
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
                "docs": "docs/rules.md#prv101-bad-thing",
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
        'there is no report format "xml"; there are: ' + ", ".join(sorted(FORMATS))
    )
