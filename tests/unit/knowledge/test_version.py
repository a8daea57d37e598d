"""Versions and constraints mean what Terraform makes of them."""

from __future__ import annotations

import pytest

from provisioner.knowledge.version import Constraint, Version, newest


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("~> 5.0", ["5.0.0", "5.9.1"], ["4.9.9", "6.0.0"]),
        ("~> 5.2.1", ["5.2.1", "5.2.9"], ["5.3.0", "5.2.0"]),
        ("~> 5", ["5.0.0", "6.0.0"], ["4.9.9"]),
        (">= 2.12", ["2.12.0", "3.0.0"], ["2.11.9"]),
        (">= 1.0, < 2.0, != 1.5.0", ["1.4.0"], ["1.5.0", "2.0.0"]),
        ("5.1.0", ["5.1.0"], ["5.1.1"]),
        ("= 5.1", ["5.1.0"], ["5.1.1"]),
        ("> 1.0", ["1.0.1"], ["1.0.0"]),
        ("<= 1.0", ["1.0.0"], ["1.0.1"]),
        (">= 1.0", ["1.0.0"], ["1.1.0-beta"]),
        ("1.1.0-beta", ["1.1.0-beta"], ["1.1.0"]),
    ],
)
def test_a_constraint_allows(constraint: str, inside: list[str], outside: list[str]) -> None:
    parsed = Constraint.parse(constraint)

    assert [text for text in inside + outside if parsed.allows(Version.parse(text))] == inside


@pytest.mark.parametrize("text", ["", "x", "~>", "1.2.", "\u0665.0", ">> 1", "1,,2", "1.2.3 beta"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        Constraint.parse(text)


def test_versions_sort_by_semantic_versioning() -> None:
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.10", "2"]

    assert [str(v) for v in sorted(Version.parse(text) for text in reversed(texts))] == texts


def test_newest_is_what_init_would_select() -> None:
    versions = [Version.parse(text) for text in ("4.9.0", "5.0.0", "5.10.0", "5.9.0", "6.0.0")]

    assert newest(versions, Constraint.parse("~> 5.0")) == Version.parse("5.10.0")
    assert newest(versions, Constraint.parse("~> 7.0")) is None


@pytest.mark.parametrize(
    ("constraint", "bounded"),
    [("~> 5.0", True), ("~> 5", False), ("5.1.0", True), (">= 5.0", False), ("!= 1", False)],
)
def test_an_upper_bound_is_seen(constraint: str, bounded: bool) -> None:  # noqa: FBT001
    assert Constraint.parse(constraint).has_upper_bound is bounded
