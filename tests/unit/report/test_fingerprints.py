"""Fingerprints follow a finding through edits of its file."""

from __future__ import annotations

from provisioner.finding import CheckResult, Finding, Severity, Span
from provisioner.report import ReportContext
from provisioner.report.fingerprint import fingerprints

LINE = 'x = ["a", "b"]'
FIRST, SECOND = Span.of(1, 6, 1, 9), Span.of(1, 11, 1, 14)


def marks(source: str, *spans: Span, code: str = "PRV1", folder: str = "") -> list[str]:
    findings = [Finding(code, "x", Severity.NOTE, "m", "a.tf", span) for span in spans]
    result = CheckResult((), (), sources={"a.tf": source})
    return list(fingerprints(findings, result, ReportContext((), folder)))


def moved(span: Span, lines: int, columns: int) -> Span:
    line, last = span.start.line + lines, span.end.line + lines
    return Span.of(line, span.start.column + columns, last, span.end.column + columns)


def test_lines_above_and_indentation_do_not_matter() -> None:
    before = marks(LINE, FIRST, SECOND)
    after = marks(f"# new\n\n\t  {LINE}\r\n", moved(FIRST, 2, 3), moved(SECOND, 2, 3))

    assert after == before
    assert len(set(before)) == 2


def test_what_is_left_keeps_its_fingerprint() -> None:
    assert marks(LINE, SECOND) == marks(LINE, FIRST, SECOND)[1:]


def test_equal_lines_are_told_apart_by_their_number() -> None:
    before = marks(LINE, FIRST)
    after = marks(f"{LINE}\n{LINE}", FIRST, moved(FIRST, 1, 0))

    assert after[0] == before[0]
    assert len(set(after)) == 2


def test_rule_line_and_place_of_the_file_are_part_of_it() -> None:
    different = [
        marks(LINE, FIRST),
        marks(LINE, FIRST, code="PRV2"),
        marks(f"{LINE} # more", FIRST),
        marks(LINE, FIRST, folder="/else"),
        marks("", Span.of(3, 1, 3, 1)),
    ]

    assert len({mark for (mark,) in different}) == 4
    assert different[3] == different[0]
