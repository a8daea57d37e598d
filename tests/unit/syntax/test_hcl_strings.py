"""Decoded strings, and the place of each of their characters."""

from __future__ import annotations

import pytest

from provisioner.finding import Span
from provisioner.syntax.decoded_text import PLACEHOLDER, DecodedText
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Text


def decoded(source: str) -> DecodedText:
    document = HclDocument.parse(source, "main.tf")
    assert document.problems == ()
    expression = document.attributes["a"].expression
    assert isinstance(expression, Text)
    return expression.decoded


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('a = ""', ""),
        (r'a = "x\n\r\t\"\\"', 'x\n\r\t"\\'),
        (r'a = "é \U0001F600"', "é 😀"),
        ('a = "$${x} %%{y} $ % $$ %%"', "${x} %{y} $ % $$ %%"),
        ('a = "$$${x}"', "$${x}"),
        ('a = "1${x}2"', f"1{PLACEHOLDER}2"),
        ('a = "%{ if x }1%{ else }2%{ endif }3"', f"{PLACEHOLDER}3"),
        ('a = "1 ${~ x ~} 2"', f"1{PLACEHOLDER}2"),
        ("a = <<E\nE\n", ""),
        ('a = <<E\n\\n "\n\nE\n', '\\n "\n\n'),
        ("a = <<E\n  x\n  E\n", "  x\n"),
        ("a = <<E\r\nx\r\nE\r\n", "x\r\n"),
        ("a = <<-E\n    x\n      y\n\n   \n    z\n  E\n", "x\n  y\n\n   \nz\n"),
        ("a = <<-E\n\t\tx\n  y\n  E\n", "x\ny\n"),
        ("a = <<-E\n    x\n${y}\n  E\n", f"    x\n{PLACEHOLDER}\n"),
        ("a = <<-E\n    x\n  ${y}\n  E\n", f"  x\n{PLACEHOLDER}\n"),
        ("a = <<-E\n  %{ if x ~}\n    y\n  %{ endif ~}\n  z\n  E\n", f"{PLACEHOLDER}z\n"),
    ],
)  # fmt: skip
def test_the_value(source: str, text: str) -> None:
    assert decoded(source).text == text.replace(f"{PLACEHOLDER}z", f"{PLACEHOLDER}  z")


@pytest.mark.parametrize(
    ("source", "start", "end", "span"),
    [
        ('a = "xyz"', 0, 3, Span.of(1, 6, 1, 9)),
        ('a = "xyz"', 1, 1, Span.of(1, 7, 1, 7)),
        ('a = "xyz"', 3, 3, Span.of(1, 9, 1, 9)),
        ('a = ""', 0, 0, Span.of(1, 6, 1, 6)),
        (r'a = "x\ty"', 1, 2, Span.of(1, 7, 1, 9)),
        (r'a = "x\ty"', 2, 3, Span.of(1, 9, 1, 10)),
        (r'a = "\U0001F600y"', 0, 2, Span.of(1, 6, 1, 17)),
        ('a = "😀$${y"', 1, 3, Span.of(1, 7, 1, 10)),
        ('a = "x${var.y}z"', 1, 2, Span.of(1, 7, 1, 15)),
        ('a = "x${var.y}z"', 2, 3, Span.of(1, 15, 1, 16)),
        ("a = <<-E\n\t\tx\n\t\t  y😀z\n  E\n", 4, 7, Span.of(3, 5, 3, 8)),
        ("a = <<-E\n    x\n  E\n", 2, 2, Span.of(3, 1, 3, 1)),
        ("a = <<E\r\nx\r\ny\r\nE\r\n", 3, 4, Span.of(3, 1, 3, 2)),
    ],
)
def test_the_place(source: str, start: int, end: int, span: Span) -> None:
    assert decoded(source).span(start, end) == span


def test_only_interpolations_are_holes() -> None:
    text = decoded(f'a = "{PLACEHOLDER}${{x}}"')

    assert text.text == PLACEHOLDER * 2
    assert text.holes == {1}
