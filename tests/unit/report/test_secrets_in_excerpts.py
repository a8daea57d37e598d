"""Reports show lines and messages, and never a credential in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.finding import CheckResult, Edit, Finding, Fix, Severity, Span
from provisioner.report import FORMATS, report
from provisioner.report.mask import without_secrets

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


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_credential_does_not_show_where_a_finding_repeats_it(format_name: str) -> None:
    source = f'value = "{SECRET}"\n# {SECRET}\n'
    credential = finding(Span.of(1, 9, 1, 11 + len(SECRET)), secret=True)
    other = replace(
        finding(Span.of(2, 1, 2, 2), secret=False),
        message=f"do not write {SECRET}",
        help=f'write "{SECRET}" elsewhere',
        fix=Fix(safe=True, edits=(Edit(Span.of(2, 1, 2, 1), f"# {SECRET}"),)),
    )
    result = CheckResult((credential, other), ("a.tf",), sources={"a.tf": source}, hidden=(other,))

    assert SECRET not in report(result, format_name)
    assert "PRV101" in report(result, format_name)


def test_a_fix_that_would_write_a_credential_is_left_out_and_no_other() -> None:
    source = f'value = "{SECRET}"'
    credential = replace(
        finding(Span.of(1, 9, 1, 11 + len(SECRET)), secret=True),
        fix=Fix(safe=True, edits=(Edit(Span.of(1, 9, 1, 11 + len(SECRET)), "var.key"),)),
    )
    moved = replace(credential, fix=Fix(safe=True, edits=(Edit(Span.of(1, 1, 1, 1), SECRET),)))

    safe = without_secrets(CheckResult((credential, moved), (), sources={"a.tf": source}))

    assert [item.fix for item in safe.findings] == [credential.fix, None]


def test_a_short_credential_is_masked_at_its_place_and_words_stay_words() -> None:
    credential = replace(finding(Span.of(1, 5, 1, 8), secret=True), message="no value here")

    safe = without_secrets(CheckResult((credential,), (), sources={"a.tf": "a = val\nb = val"}))

    assert safe.findings == (credential,)
    assert safe.sources == {"a.tf": "a = ***\nb = val"}


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = "a = 1 # \x1b]0;title\x07 \x00\tend"
    found = finding(Span.of(1, 1, 1, 2), secret=False)

    text = report(CheckResult((found,), ("a.tf",), sources={"a.tf": source}))

    assert "a = 1 # \ufffd]0;title\ufffd \ufffd    end" in text
