"""Why Codex refuses a value, in its own words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provisioner.validate.codex_values import choice_error, setting_name, type_error


@pytest.mark.parametrize(
    ("value", "expected", "reason"),
    [
        ("text", "a string", None),
        ("text", "path string", None),
        ("3", "u64", 'invalid type: string "3", expected u64'),
        (3, "u64", None),
        (0, "u16", None),
        (-1, "u64", "invalid value: integer `-1`, expected u64"),
        (-1, "i64", None),
        (70000, "u16", "invalid value: integer `70000`, expected u16"),
        (300, "u8", "invalid value: integer `300`, expected u8"),
        (True, "u64", "invalid type: boolean `true`, expected u64"),
        (1, "a boolean", "invalid type: integer `1`, expected a boolean"),
        (1.5, "usize", "invalid type: floating point `1.5`, expected usize"),
        ([], "a sequence", None),
        ([], "a string or a sequence", None),
        ("x", "a string or a sequence", None),
        ([], "a map", "invalid type: sequence, expected a map"),
        ({}, "a map", None),
        ({}, "struct Tui", None),
        ([], "struct Tui", None),
        ({}, "internally tagged enum ThreadStoreToml", None),
        ({}, "a string", "invalid type: map, expected a string"),
        ("x", "struct Tui", 'invalid type: string "x", expected struct Tui'),
        (date(2026, 11, 20), "a string", "invalid type: map, expected a string"),
        ("k" * 40, "a map", 'invalid type: string "kkkk...kkkk", expected a map'),
    ],
)
def test_a_value_has_the_type_or_a_reason(value: Any, expected: str, reason: str | None) -> None:
    assert type_error(value, expected) == reason


@pytest.mark.parametrize(
    ("value", "choices", "reason"),
    [
        ("a", ("a", "b"), None),
        ("x", ("a",), "unknown variant `x`, expected `a`"),
        ("x", ("a", "b"), "unknown variant `x`, expected `a` or `b`"),
        ("x", ("a", "b", "c"), "unknown variant `x`, expected one of `a`, `b`, `c`"),
        (False, ("a", "b"), "boolean `false`, expected `a` or `b`"),
    ],
)
def test_a_value_is_a_choice_or_has_a_reason(
    value: Any, choices: tuple[str, ...], reason: str | None
) -> None:
    assert choice_error(value, choices) == reason


def test_a_setting_in_a_list_has_its_place() -> None:
    assert setting_name(("notify", 1)) == "notify[1]"
    assert setting_name(("model_providers", "a", "name")) == "name"
