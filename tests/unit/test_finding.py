"""Findings sort the same way whatever order they were made in."""

from __future__ import annotations

import random

from provisioner.finding import CheckResult, Finding, Severity, Span, sorted_findings


def finding(path: str, span: tuple[int, int, int, int], code: str = "PRV101") -> Finding:
    return Finding(code, "x", Severity.ERROR, "m", path, Span.of(*span))


def test_the_order_is_path_start_wider_first_code() -> None:
    ordered = [
        finding("a.tf", (1, 1, 1, 2)),
        finding("a.tf", (2, 1, 3, 1)),
        finding("a.tf", (2, 1, 2, 9)),
        finding("a.tf", (2, 1, 2, 9), "PRV102"),
        finding("b.tf", (1, 1, 1, 2)),
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered)) + ordered[:2]

    assert list(sorted_findings(shuffled)) == ordered


def test_two_results_are_joined_as_if_they_were_one() -> None:
    first, second = finding("b.tf", (1, 1, 1, 2)), finding("a.tf", (1, 1, 1, 2))
    one = CheckResult((first,), ("b.tf",), 1, {"b.tf": "x"})
    other = CheckResult((second, first), ("a.tf", "b.tf"), 2, {"a.tf": "y"}, (first,))

    assert one.joined(other) == CheckResult(
        (second, first), ("a.tf", "b.tf"), 3, {"b.tf": "x", "a.tf": "y"}, (first,)
    )


def test_a_result_fails_at_the_severity_asked_for() -> None:
    note = Finding("PRV101", "x", Severity.NOTE, "m", "a.tf")
    result = CheckResult((note,), ("a.tf",))

    assert [result.fails(severity) for severity in Severity] == [False, False, True]
    assert result.count(Severity.NOTE) == 1
