"""Cron expressions, as the parser of the Coder provider reads them."""

from __future__ import annotations

import pytest

from provisioner.validate.cron import overlap, prebuild_problem, script_problem


@pytest.mark.parametrize(
    "text",
    [
        "0 0 22 * * *",
        "0 */5 * * * *",
        "30 0 9 * * 1-5",
        "0 0 0 1,15 JAN-mar ?",
        "0 10/20 * * * *",
        "@hourly",
        "@every 90s",
        "TZ=UTC 0 0 9 * * *",
        "0 22 * * *",
    ],
)
def test_a_script_can_have_it(text: str) -> None:
    assert script_problem(text) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has 0 instead of 6 fields"),
        ("* * * *", "it has 4 instead of 6 fields"),
        ("60 * * * * *", 'second "60" is not within 0 to 59'),
        ("0 0 24 * * *", 'hour "24" is not within 0 to 23'),
        ("0 0 0 0 * *", 'day of month "0" is not within 1 to 31'),
        ("0 0 0 * 13 *", 'month "13" is not within 1 to 12'),
        ("0 0 0 * * 7", 'day of week "7" is not within 0 to 6'),
        ("0 0 0 * * fri-mon", 'day of week "fri-mon" runs backwards'),
        ("0 */0 * * * *", 'minute "*/0" has a step of 0'),
        ("0 1/2/3 * * * *", 'minute "1/2/3" has no step that can be read'),
        ("0 1-2-3 * * * *", 'minute "1-2-3" is no number or range'),
        ("0 x * * * *", 'minute "x" is no number or range'),
        ("@reboot", '"@reboot" is no schedule'),
        ("@every hour", '"@every hour" is no schedule'),
        ("TZ=Mars/Base 0 0 9 * * *", 'there is no time zone "Mars/Base"'),
    ],
)
def test_a_script_cannot_have_it(text: str, problem: str) -> None:
    assert script_problem(text).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("* 9-17 * * 1-5", ""),
        ("* */2 1 jan mon", ""),
        ("*/5 9 * * *", "the minute must be *"),
        ("* 9 * *", "it has 4 instead of 5 fields"),
        ("0 * 9 * * *", "it has 6 instead of 5 fields"),
        ("* 9 * * 7", 'day of week "7"'),
    ],
)
def test_prebuilds(text: str, problem: str) -> None:
    assert prebuild_problem(text).startswith(problem)
    assert bool(prebuild_problem(text)) == bool(problem)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("* 9-17 * * 1-5", "* 17 * * 5", True),
        ("* 9-17 * * 1-5", "* 18 * * 5", False),
        ("* 9-17 * * 1-5", "* 9 * * 6", False),
        ("* 9 * 1-6 *", "* 9 * 7 MON", False),
        ("* 9 1 * 1", "* 9 2 * 2", False),
        ("* 9 1 * 1", "* 9 1 * 2", True),
        ("* 9 1 * *", "* 9 2 * *", False),
        ("* 9 1 * *", "* 9 * * *", True),
        ("* 9 * * MON", "* 9 * * 1", None),
        ("* */2 * * *", "* 1 * * *", None),
        ("* 9 * 13 *", "* 9 * 1 *", None),
    ],
)
def test_overlap(first: str, second: str, *, shared: bool | None) -> None:
    assert overlap(first, second) is shared
    assert overlap(second, first) is shared
