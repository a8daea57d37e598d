"""What Go's parsers take, and regular expressions as Go reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.knowledge.version import Constraint, Version
from provisioner.validate.go_regex import go_regex
from provisioner.validate.go_values import is_bool, is_number, is_url, is_uuid, string_list
from provisioner.validate.required_provider import excludes


def test_numbers() -> None:
    assert all(map(is_number, ["1", "-1.5", ".5", "1.", "1e6", "+2", "Inf", "NaN", "1_000"]))
    assert not any(map(is_number, ["", "one", "1,5", " 1", "1 ", "--1", "1e", "\u0661"]))


def test_booleans() -> None:
    assert all(map(is_bool, ["true", "T", "0", "False"]))
    assert not any(map(is_bool, ["", "yes", "tRUE", "on"]))


def test_lists() -> None:
    assert string_list('["a", "b"]') == ["a", "b"]
    assert string_list("null") == []
    assert [string_list(text) for text in ("", "a", "[1]", '{"a": 1}', '"a"', "[" * 5000)] == [
        None
    ] * 6


def test_urls_and_uuids() -> None:
    assert all(
        map(is_url, ["", "/icon/a.svg", "https://a.b/c?d=%", "data:image/png;base64,AA", "a"])
    )
    assert not any(map(is_url, [":a", "/50%.svg", "a\nb", "https://a b/", "1a:b"]))
    assert is_uuid("123e4567-e89b-12d3-a456-426614174000")
    assert not is_uuid("123e4567e89b12d3a456426614174000")


@pytest.mark.parametrize(
    ("pattern", "text", "verdict"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "abc\n", False),
        ("b", "abc", True),
        (r"^[\w.-]+$", "a.b-c", True),
        (r"^\d{3}$", "\u0661\u0662\u0663", False),
        (r"^(?P<a>x)(?:y)$", "xy", True),
        (r"^\$[$]$", "$$", True),
        (r"\pL", "a", None),
        ("(?i)A", "a", None),
        ("^(a+)+$", "a" * 40 + "!", None),
        ("a", "b" * 201, None),
    ],
)
def test_a_regex_matches(pattern: str, text: str, *, verdict: bool | None) -> None:
    assert go_regex(pattern).problem == ""
    assert go_regex(pattern).matches(text) is verdict


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        r"(a)\1",
        "a++",
        "a*+",
        "a{2000}",
        "(a",
        "[a",
        "*a",
        r"\Z",
        r"\u0041",
        "(?P=a)",
    ],
)
def test_go_does_not_compile_it(pattern: str) -> None:
    assert go_regex(pattern).problem


@given(st.text(alphabet="ab.-_$^[]{}\\/ é", max_size=12))
def test_a_quoted_text_matches_itself(text: str) -> None:
    quoted = "".join(rf"\{part}" if part in r"\.+*?()|[]{}^$" else part for part in text)

    assert go_regex(f"^{quoted}$").matches(text) is True
    assert go_regex(f"^{quoted}$").matches(f"{text}!") is False


@given(st.text(max_size=20))
def test_any_pattern_gets_a_verdict(pattern: str) -> None:
    found = go_regex(pattern)

    assert found.pattern is None or isinstance(found.pattern, re.Pattern)
    assert not (found.problem and found.pattern)


@pytest.mark.parametrize(
    ("constraint", "since", "is_excluded"),
    [
        ("2.3.0", "2.3.0", False),
        ("2.3.0", "2.3.1", True),
        ("~> 2.3.0", "2.4.0", True),
        ("~> 2.3.0", "2.3.9", False),
        ("~> 2.3", "2.17.0", False),
        ("~> 2", "3.0.0", False),
        ("~> 1.0", "2.1.0", True),
        ("< 2.4", "2.4.0", True),
        ("<= 2.4", "2.4.0", False),
        (">= 2.3, < 2.4.1", "2.4.1", True),
        (">= 2.0, != 2.4.0", "2.4.0", False),
    ],
)
def test_a_constraint_excludes_a_release(constraint: str, since: str, *, is_excluded: bool) -> None:
    assert excludes(Constraint.parse(constraint), Version.parse(since)) is is_excluded
