"""Patterns of settings fit what people expect of them."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.validate.glob import fits


@pytest.mark.parametrize(
    ("pattern", "path", "is_fit"),
    [
        ("main.tf", "main.tf", True),
        ("main.tf", "a/b/main.tf", True),
        ("main.tf", "a/xmain.tf", False),
        ("*.tf", "a/b.tf", True),
        ("a/*.tf", "a/b.tf", True),
        ("a/*.tf", "a/b/c.tf", False),
        ("a/**", "a/b/c.tf", True),
        ("a/**/c.tf", "a/c.tf", True),
        ("a/**/c.tf", "a/b/b/c.tf", True),
        ("**/c.tf", "c.tf", True),
        ("a", "a/b/c.tf", True),
        ("a/", "b/a/c.tf", True),
        ("./a", "a/c.tf", True),
        ("/a", "b/a/c.tf", False),
        ("/a", "a/c.tf", True),
        ("a?.tf", "ab.tf", True),
        ("a?.tf", "a/.tf", False),
        ("[ab].tf", "a.tf", True),
        ("[!ab].tf", "a.tf", False),
        ("[!ab].tf", "c.tf", True),
        ("[", "[", True),
        ("a.tf", "abtf", False),
        ("a\n*", "a\nb", True),
    ],
)
def test_patterns(pattern: str, path: str, *, is_fit: bool) -> None:
    assert fits(pattern, path) is is_fit


NAMES = st.text(alphabet="ab.-*?[]!^\\é", min_size=1, max_size=8)


@given(NAMES, NAMES)
def test_a_name_is_taken_as_fnmatch_takes_it(pattern: str, name: str) -> None:
    if pattern in {".", "./"} or "**" in pattern or "[" in pattern:
        return
    assert fits(pattern, name) is fnmatch.fnmatchcase(name, pattern)


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_pattern_is_one(pattern: str, path: str) -> None:
    assert fits(pattern, path) in {True, False}
