"""HashiCorp's words, at our positions."""

from __future__ import annotations

import pytest

from provisioner.finding import Span
from provisioner.syntax.hcl_verdict import hcl_problems
from provisioner.syntax.source import SourceText, SyntaxProblem


def problems(text: str) -> tuple[SyntaxProblem, ...]:
    found = hcl_problems(SourceText("main.tf", text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("a = 1 b = 2\n", "missing newline after argument", Span.of(1, 7, 1, 8)),
        ('a = "\\q"\n', "invalid escape sequence", Span.of(1, 6, 1, 8)),
        ("a {\n  b = 1\n", "unclosed configuration block", Span.of(1, 3, 1, 4)),
        ("{}", "argument or block definition required", Span.of(1, 1, 1, 2)),
        ('a "${b}" {}\n', "invalid string literal", Span.of(1, 4, 1, 6)),
        ("a = {\n  b = 1 c = 2\n}\n", "missing attribute separator", Span.of(2, 9, 2, 10)),
        ("a = 1 +\n2\n", "a value is missing here", Span.of(1, 8, 2, 1)),
        ('é = "e\u0301😀" x\n', "missing newline after argument", Span.of(1, 11, 1, 12)),
        ('a = "👩\u200d🚀🇪🇺🇪🇺👍🏽" x\n', "missing newline after argument", Span.of(1, 17, 1, 18)),
    ],
)
def test_errors_have_their_place_in_code_points(text: str, message: str, span: Span) -> None:
    (problem,) = problems(text)

    assert (problem.message, problem.span) == (message, span)


def test_the_detail_is_one_line_of_help() -> None:
    (problem,) = problems('a = "${x y}"\n')

    assert problem.help.startswith("Expected a closing brace")
    assert "\n" not in problem.help
    assert not problem.help.endswith(".")


def test_all_errors_come_at_once() -> None:
    text = 'a = "\\q; tmp.hcl: x"\nb = "\\u12"\n'

    assert [problem.span.start.line for problem in problems(text)] == [1, 2]


def test_what_only_fails_on_the_way_to_python_is_no_error() -> None:
    assert problems('variable "a" {}\nvariable "a" "b" {}\n') == ()
    assert problems("a = " + "[" * 1200 + "]" * 1200) == ()


def test_a_text_that_could_nest_too_deeply_is_not_handed_over() -> None:
    assert hcl_problems(SourceText("main.tf", "[" * 20_001)) is None
