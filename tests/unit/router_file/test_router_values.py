"""Numbers, switches and durations as Go's strconv and time read them."""

from __future__ import annotations

import math

import pytest

from provisioner.router_file.values import (
    parsed_ban,
    parsed_duration,
    parsed_integer,
    parsed_switch,
    variable_in,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60s", 60),
        ("2m", 120),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("100ms", 0.1),
        ("-1s", -1),
        ("+2s", 2),
        ("0", 0),
        ("60", None),
        ("", None),
        ("1d", None),
        ("s", None),
        ("1s ", None),
        ("1 s", None),
    ],
)
def test_a_duration_needs_units(text: str, seconds: float | None) -> None:
    assert parsed_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("permanent", math.inf), ("0", math.inf), ("5m", 300), ("for ever", None)],
)
def test_a_ban_may_be_for_ever(text: str, seconds: float | None) -> None:
    assert parsed_ban(text) == seconds


@pytest.mark.parametrize(
    ("text", "number"),
    [("8080", 8080), ("-1", -1), ("+7", 7), ("0x10", None), ("1_000", None), ("1.0", None)],
)
def test_numbers_are_decimal(text: str, number: int | None) -> None:
    assert parsed_integer(text) == number


@pytest.mark.parametrize(
    ("text", "switch"), [("true", True), ("T", True), ("0", False), ("yes", None), ("on", None)]
)
def test_a_switch_is_no_word_of_yaml(text: str, switch: bool | None) -> None:  # noqa: FBT001
    assert parsed_switch(text) is switch


def test_a_variable_is_named_behind_its_mark() -> None:
    assert variable_in("os.environ/KEY") == "KEY"
    assert variable_in("sk-os.environ/KEY") is None
