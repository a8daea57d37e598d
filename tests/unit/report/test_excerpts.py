"""Source lines below a finding: the carets stand under what the span covers."""

from __future__ import annotations

import pytest

from provisioner.finding import Span
from provisioner.report.excerpt import excerpt


def shown(source: str, span: Span) -> list[str]:
    return list(excerpt(span, source.split("\n")))


@pytest.mark.parametrize(
    ("line", "first", "last", "expected", "carets"),
    [
        ("last {", 1, 5, "last {", "^^^^"),
        ("last {", 1, 1, "last {", "^"),
        ("last {", 7, 7, "last {", "      ^"),
        ("last {", 99, 120, "last {", "      ^"),
        ("last {\r", 6, 8, "last {", "     ^"),
        ("\ta = 1", 2, 3, "    a = 1", "    ^"),
        ("ab\tc", 3, 4, "ab  c", "  ^^"),
        ("ab\t\tc", 3, 6, "ab      c", "  ^^^^^^^"),
        ("名前 = 1", 1, 3, "名前 = 1", "^^^^"),
        ("名前 = 1", 6, 7, "名前 = 1", "       ^"),
        ("名前\t= 1", 4, 5, "名前    = 1", "        ^"),
        ("e\u0301e\u0301 x", 1, 5, "e\u0301e\u0301 x", "^^"),
        ("e\u0301 x", 2, 3, "e\u0301 x", "^"),
        ("e\u0301 x", 4, 5, "e\u0301 x", "  ^"),
        ("\u1112\u1161\u11ab x", 5, 6, "\u1112\u1161\u11ab x", "   ^"),
        ("a\u202eb = 1", 3, 4, "a\ufffdb = 1", "  ^"),
        ("a\x00b\x7f\x9bc", 6, 7, "a\ufffdb\ufffd\ufffdc", "     ^"),
        ("\ufeffa = 1", 2, 3, "\ufffda = 1", " ^"),
    ],
)
def test_carets_stand_below_the_span(
    line: str, first: int, last: int, expected: str, carets: str
) -> None:
    assert shown(f"{line}\nnext", Span.of(1, first, 1, last)) == [
        f"  1 | {expected}",
        f"    | {carets}",
    ]


def test_the_end_of_the_line_belongs_to_a_span_that_ends_where_the_next_begins() -> None:
    assert shown("last {\n", Span.of(1, 6, 2, 1)) == ["  1 | last {", "    |      ^"]


def test_a_span_of_several_lines_has_a_bar() -> None:
    source = "module {\r\n\tx = <<EOT\r\n名\r\n\r\nEOT\r\n}"

    assert shown(source, Span.of(2, 6, 5, 4)) == [
        "  2 |       x = <<EOT",
        "    |  _________^",
        "  3 | | 名",
        "  4 | |",
        "  5 | | EOT",
        "    | |___^",
    ]


def test_of_a_long_span_the_middle_is_left_out() -> None:
    source = "\n".join(f"line {number}" for number in range(1, 15))

    assert shown(source, Span.of(2, 1, 12, 1)) == [
        "   2 |   line 2",
        "     |  _^",
        "   3 | | line 3",
        "   4 | | line 4",
        "     ⋮",
        "  10 | | line 10",
        "  11 | | line 11",
        "     | |_______^",
    ]


def test_a_span_behind_the_end_of_the_file_stops_there() -> None:
    assert shown("a\nbc", Span.of(1, 1, 9, 9)) == [
        "  1 |   a",
        "    |  _^",
        "  2 | | bc",
        "    | |__^",
    ]
    assert shown("a", Span.of(2, 1, 2, 2)) == []


@pytest.mark.parametrize("filler", ["x", "名", "\t", "e\u0301"])
@pytest.mark.parametrize("before", [0, 10, 119, 1000, 100_000])
@pytest.mark.parametrize("after", [0, 100, 100_000])
def test_a_long_line_is_cut_around_the_span(filler: str, before: int, after: int) -> None:
    line = filler * before + "SPAN" + filler * after

    text, carets = shown(line, Span.of(1, before + 1, 1, before + 5))

    assert len(text) < 400
    if filler in "x\t":
        start = text.index("SPAN")
        assert carets[start:] == "^^^^"
        assert carets[:start].strip() == "|"
    assert (text.split("| ")[1][0] == "…") == (before >= 119 or (filler == "\t" and before > 60))


def test_a_span_longer_than_the_line_that_fits_is_cut_too() -> None:
    text, carets = shown("a = " + "x" * 500 + " # end", Span.of(1, 5, 1, 505))

    assert text == "  1 | a = " + "x" * 116 + "…"
    assert carets == "    |     " + "^" * 117
