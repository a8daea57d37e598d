"""The text report shows lines, and never a credential on them."""

from __future__ import annotations

from provisioner.finding import CheckResult, Finding, Severity, Span
from provisioner.report import report

SECRET = "sk-proj-0123456789abcdef0123456789"


def finding(span: Span, *, secret: bool) -> Finding:
    return Finding("PRV101", "x", Severity.ERROR, "m", "a.tf", span, secret=secret)


def test_a_credential_is_blotted_out_in_every_excerpt_of_its_line() -> None:
    line = f'  value = "{SECRET}"'
    credential = finding(Span.of(1, 11, 1, 11 + len(SECRET) + 2), secret=True)
    other = finding(Span.of(1, 3, 1, 8), secret=False)

    text = report(CheckResult((other, credential), ("a.tf",), sources={"a.tf": line}))

    assert SECRET not in text
    assert text.count('value = "' + "*" * len(SECRET) + '"') == 2


def test_a_credential_over_several_lines_is_blotted_out_on_each() -> None:
    source = "a = <<EOT\nfirst-part\nsecond-part\nEOT\n"
    credential = finding(Span.of(2, 1, 3, 12), secret=True)
    other = finding(Span.of(3, 1, 3, 2), secret=False)

    text = report(CheckResult((credential, other), ("a.tf",), sources={"a.tf": source}))

    assert "first" not in text
    assert "second" not in text


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = "a = 1 # \x1b]0;title\x07 \x00\tend"
    found = finding(Span.of(1, 1, 1, 2), secret=False)

    text = report(CheckResult((found,), ("a.tf",), sources={"a.tf": source}))

    assert "a = 1 # \ufffd]0;title\ufffd \ufffd\tend" in text
