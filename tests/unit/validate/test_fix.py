"""Edits land where spans say, one fix at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.finding import Edit, Finding, Fix, Severity, Span
from provisioner.validate.fix import fixed_text


def finding(*edits: tuple[int, int, int, int, str]) -> Finding:
    changes = tuple(Edit(Span.of(*edit[:4]), edit[4]) for edit in edits)
    return Finding("PRV900", "x", Severity.NOTE, "x", "x.tf", fix=Fix(safe=True, edits=changes))


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        ("a\nb\n", [(2, 1, 2, 2, "c")], "a\nc\n"),
        ("a\r\nb\r\n", [(1, 2, 1, 2, "\nx")], "a\r\nx\r\nb\r\n"),
        ("a😀b", [(1, 3, 1, 4, "c")], "a😀c"),
        ("ab", [(1, 1, 1, 2, "x"), (1, 2, 1, 3, "y")], "xy"),
        ("ab", [(1, 3, 1, 3, "!")], "ab!"),
        ("", [(1, 1, 1, 1, "x\n")], "x\n"),
    ],
)
def test_edits_land_where_they_should(
    text: str, edits: list[tuple[int, int, int, int, str]], expected: str
) -> None:
    assert fixed_text(text, [finding(*edits)]).text == expected


def test_of_two_fixes_that_touch_the_first_is_made() -> None:
    first, second = finding((1, 1, 1, 3, "x")), finding((1, 2, 1, 4, "y"), (2, 1, 2, 1, "z"))

    fixed = fixed_text("abcd\n", [first, second])

    assert (fixed.text, fixed.made) == ("xcd\n", (first,))


def test_two_insertions_at_one_place_are_not_both_made() -> None:
    fixed = fixed_text("a", [finding((1, 2, 1, 2, "x")), finding((1, 2, 1, 2, "y"))])

    assert fixed.text == "ax"


@given(st.lists(st.text(st.characters(exclude_characters="\r\n")), min_size=1), st.data())
def test_replacing_a_stretch_by_itself_changes_nothing(
    lines: list[str], data: st.DataObject
) -> None:
    text = "\n".join(lines)
    line = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(1, len(lines[line - 1]) + 1))
    end = data.draw(st.integers(start, len(lines[line - 1]) + 1))

    same = lines[line - 1][start - 1 : end - 1]

    assert fixed_text(text, [finding((line, start, line, end, same))]).text == text
