"""A secret cannot be shown by accident, and its hint follows the gateway's rule."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.redact import Secret, hint


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("", "..."),
        ("abcd", "..."),
        ("abcde", "a...e"),
        ("abcdefghi", "a...i"),
        ("abcdefghij", "ab...ij"),
        ("a" * 4 + "-" * 12 + "z" * 4, "aaaa...zzzz"),
    ],
)
def test_the_hint_shows_more_of_longer_secrets(secret: str, expected: str) -> None:
    assert hint(secret) == expected


@given(st.text(min_size=8))
def test_no_way_of_printing_shows_the_value(value: str) -> None:
    secret = Secret(value)

    for shown in (str(secret), repr(secret), f"{secret}", f"{[secret]}"):
        assert value not in shown


def test_a_secret_is_not_pickled_and_compares_by_value() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("abc"))
    assert Secret("abc") == Secret("abc")
    assert Secret("abc") != Secret("abd")
    assert not Secret("")
