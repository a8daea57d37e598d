"""Syntax errors are reported where they were made, with what to write instead."""

from __future__ import annotations

import pytest

from provisioner.syntax.hcl_document import HclDocument


def reported(text: str) -> list[tuple[str, str, str]]:
    """Return place, message and help of every problem."""
    problems = HclDocument.parse(text, "main.tf").problems
    places = [
        f"{p.span.start.line}:{p.span.start.column}-{p.span.end.line}:{p.span.end.column}"
        for p in problems
    ]
    return [(place, p.message, p.help) for place, p in zip(places, problems, strict=True)]


@pytest.mark.parametrize(
    ("text", "place", "message", "advice"),
    [
        (
            'a {\n b = "eu\n}\nc {\n d = "x"\n}\n',
            "2:6-2:9",
            "quoted string is not",
            "closing quote",
        ),
        ('variable "a {\n  b = "eu"\n}\n', "1:10-1:14", "quoted string is not", "closing quote"),
        ('a = "eu', "1:5-1:8", "quoted string is not", "closing quote"),
        ('a = "${b"\nc = "d"\n', "1:6-1:8", 'this "${" is not closed', 'add the missing "}"'),
        ("a = <<E\n${b\nc\nE\nd = 2\n", "2:1-2:3", 'this "${" is not closed', 'write "$${"'),
        ("a = <<E\n${#b}\nE\n", "2:1-2:6", "no expression of Terraform", 'write "$${#b}"'),
        ("a = <<EOT\nb\nEOF\nc = 1\n", "1:5-1:10", "never closed", 'line 3 is "EOF"; write "EOT"'),
        ("a = <<EOT\nb\n", "1:5-1:10", "never closed", 'nothing but "EOT"'),
        ("a = <<EOT\r\nb\r\n", "1:5-1:10", "never closed", 'nothing but "EOT"'),
        ("a = b(<<EOT\nc\nEOT)\n", "1:7-1:12", "never closed", 'in line 3, move ")"'),
        ("a = [<<EOT\nc\nEOT, 1]\n", "1:6-1:11", "never closed", 'in line 3, move ", 1]"'),
        ("a = <<EOT\nb\nEOT", "1:5-1:10", "never closed", "line break after"),
        ("a = <<EOT \nb\nEOT\n", "1:5-1:11", "a bare marker", "not even a space"),
        ('a = <<"EOT"\nb\nEOT\n', "1:5-1:12", "a bare marker", 'write "<<EOT"'),
        ("a = << EOT\nb\nEOT\n", "1:5-1:11", "a bare marker", 'write "<<EOT"'),
        ("a = 'x y'\n", "1:5-1:6", "invalid character", "Single quotes are not valid"),
        ("variable 'x' {}\n", "1:10-1:11", "invalid character", "Single quotes are not valid"),
        ('a = "C:\\d"\n', "1:8-1:10", "invalid escape sequence", 'The symbol "d"'),
        ('a = "b ${C:-d}"\n', "1:8-1:15", "no expression of Terraform", 'write "$${C:-d}"'),
        ('a = "%{http_code}"\n', "1:6-1:18", "no directive of Terraform", 'write "%%{http_code}"'),
        ('a = "%{endif}"\n', "1:6-1:14", "unexpected endif directive", "unbalanced"),
        ('a "b" = {\n}\n', "1:7-1:8", "invalid block definition", 'remove the "="'),
        ("a {} b {}\n", "1:6-1:7", "missing newline after block", "end with a newline"),
        ("a {\n b = 1 c = 2\n}\n", "2:8-2:9", "missing newline after argument", "line of its own"),
        ("a: 1\n", "1:1-1:3", 'set with "=" and not with ":"', "name = value"),
        ("a == 1\n", "1:1-1:5", 'set with "=" and not with "=="', "name = value"),
        ("a.b = 1\n", "1:1-1:6", "cannot have dots", "block or an object"),
        ("a = 1\n  + 2\n", "2:3-2:4", "ends with its line", "parentheses"),
        ("a =\nb = 1\n", "1:4-2:1", "a value is missing", "null stands for none"),
        ("a = b and c\n", "1:7-1:10", "missing newline", '"&&"'),
        ("a = b & c\n", "1:7-1:8", "unsupported operator", '"&&"'),
        ("a {\n b = 1\n}\n}\n", "4:1-4:2", "nothing is open", "closing brace too many"),
        ("a {\n b = 1\n\nc {\n d = 1\n}\n", "1:3-1:4", "unclosed configuration block", "line 4"),
        ("a = b(1\nc = 2\n", "1:6-1:7", 'this "(" is not closed', 'missing ")" before line 2'),
        ("a {\n b = [1,\n c = 2\n}\n", "2:6-2:7", 'this "[" is not closed', 'missing "]"'),
        ("a {\n<<<<<<< HEAD\n}\n", "2:1-2:8", "a merge conflict", "one of the two versions"),
        ('{"a": 1}\n', "1:1-1:3", "this is JSON", ".tf.json"),
        ("/* a\nb = 1\n", "1:1-1:3", "this comment is never closed", '"*/"'),
        ("a\u200b = 1\n", "1:2-1:3", "invalid character", "not used within the language"),
        ('a = "%{ if x }y"\n', "1:16-1:17", "unexpected end of template", "directive in line 1"),
    ],
)
def test_a_mistake_is_one_problem_at_its_cause(
    text: str, place: str, message: str, advice: str
) -> None:
    ((found, words, help_),) = reported(text)

    assert found == place
    assert message in words
    assert advice in help_


def test_every_shell_expansion_of_a_script_is_reported() -> None:
    script = "echo ${A:=x} ${B[@]}\necho ${C%%x} $D ${e} ${F//b/c}\n"

    found = reported(f"a = <<E\n{script}E\n")

    assert [place for place, _, _ in found] == ["2:6-2:13", "2:14-2:21", "3:6-3:13", "3:22-3:31"]


def test_mistakes_before_an_unclosed_quote_are_reported_with_it() -> None:
    found = reported('a = "\\q"\nb = "c\nd = "\\q"\n')

    assert [place for place, _, _ in found] == ["1:6-1:8", "2:5-2:7"]


def test_both_curly_quotes_are_named() -> None:
    found = reported("a = “x”\n")

    assert [place for place, _, _ in found] == ["1:5-1:6", "1:7-1:8"]
    assert all("straight quote" in advice for _, _, advice in found)


def test_lines_after_a_long_heredoc_keep_their_numbers() -> None:
    heredoc = "a = <<E\n" + "  text\n" * 3000 + "E\n"

    found = reported(f'{heredoc}b = "\\q"\n{heredoc.replace("a", "c", 1)}d = "\\q"\n')

    assert [place for place, _, _ in found] == ["3003:6-3003:8", "6006:6-6006:8"]
