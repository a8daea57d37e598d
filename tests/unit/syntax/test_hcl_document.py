"""Blocks, attributes and expressions of a Terraform file, at their exact places."""

from __future__ import annotations

import pytest

from provisioner.finding import Span
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import (
    Call,
    Expression,
    ListValue,
    Literal,
    ObjectValue,
    Operation,
    Text,
    Traversal,
    references,
)


def expression(source: str) -> Expression:
    document = HclDocument.parse(f"a = {source}\n", "main.tf")
    assert document.problems == ()
    assert document.complete
    return document.attributes["a"].expression


def names(source: str) -> list[str]:
    found = references(expression(source))
    return [".".join(map(str, (item.root, *item.steps))) for item in found]


def test_blocks_have_labels_and_spans() -> None:
    text = 'x = 1\n\n\tresource "docker_image" main {\r\n\t  "é" {}\n  }\n'.replace('"é"', "é")
    document = HclDocument.parse(text, "main.tf")
    (block,) = document.blocks

    assert block.type == "resource"
    assert block.names == ("docker_image", "main")
    assert [label.span for label in block.labels] == [Span.of(3, 11, 3, 25), Span.of(3, 26, 3, 30)]
    assert block.header_span == Span.of(3, 2, 3, 30)
    assert block.span == Span.of(3, 2, 5, 4)
    assert [inner.header_span for inner in block.blocks] == [Span.of(4, 4, 4, 5)]
    assert document.attributes["x"].span == Span.of(1, 1, 1, 6)


def test_descending_visits_blocks_in_the_order_of_the_file() -> None:
    (block,) = HclDocument.parse("a {\n  b {\n    c {}\n  }\n  d {}\n}\n", "main.tf").blocks

    assert [inner.type for inner in block.descend()] == ["a", "b", "c", "d"]


def test_attributes_have_name_and_value_spans() -> None:
    text = 'locals {\n\tname = "😀" # c\n  next = [1,\n  2]\n}\n'
    (block,) = HclDocument.parse(text, "main.tf").blocks

    assert block.attributes["name"].name_span == Span.of(2, 2, 2, 6)
    assert block.attributes["name"].expression.span == Span.of(2, 9, 2, 12)
    assert block.attributes["next"].span == Span.of(3, 3, 4, 5)
    assert block.value("missing") is None


@pytest.mark.parametrize(
    ("source", "value"),
    [("1", 1), ("1.5e3", 1500.0), ("true", True), ("false", False), ("null", None), ("(2)", 2)],
)
def test_literals(source: str, value: object) -> None:
    found = expression(source)

    assert isinstance(found, Literal)
    assert found.value == value
    assert type(found.value) is type(value)


def test_an_operator_is_not_its_operand() -> None:
    found = expression("-1")

    assert isinstance(found, Operation)
    assert [operand.span for operand in found.children] == [Span.of(1, 6, 1, 7)]


def test_objects_know_the_places_of_keys_and_values() -> None:
    found = expression('{ a = 1, "b c" : 2, (var.d) = 3, "${var.e}" = 4 }')

    assert isinstance(found, ObjectValue)
    assert [item.name for item in found.items] == ["a", "b c", None, None]
    assert [item.key.span for item in found.items] == [
        Span.of(1, 7, 1, 8),
        Span.of(1, 14, 1, 19),
        Span.of(1, 26, 1, 31),
        Span.of(1, 38, 1, 48),
    ]
    assert [item.value.span.start.column for item in found.items] == [11, 22, 35, 51]


def test_lists_and_calls() -> None:
    found = expression('f("x", [var.y, 1]...)')

    assert isinstance(found, Call)
    assert found.name == "f"
    text, elements = found.arguments
    assert isinstance(text, Text)
    assert isinstance(elements, ListValue)
    assert [element.span for element in elements.elements] == [
        Span.of(1, 13, 1, 18),
        Span.of(1, 20, 1, 21),
    ]
    assert expression("provider::coder::f(1)").span == Span.of(1, 5, 1, 26)


@pytest.mark.parametrize(
    ("source", "root", "steps"),
    [
        ("var.a", "var", ("a",)),
        ("module.m[0].x", "module", ("m", 0, "x")),
        ("module.m.0.x", "module", ("m", 0, "x")),
        ('local.m["k"].x', "local", ("m", "k", "x")),
        ("a.b[*].c", "a", ("b",)),
        ("a.b.*.c", "a", ("b",)),
        ("a.b[count.index].c", "a", ("b",)),
        ('a.b["${var.c}"].d', "a", ("b",)),
    ],
)
def test_traversals(source: str, root: str, steps: tuple[str | int, ...]) -> None:
    found = expression(source)

    assert isinstance(found, Traversal)
    assert (found.root, found.steps) == (root, steps)
    assert found.span == Span.of(1, 5, 1, 5 + len(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("var.a ? local.b : !module.c.d", ["var.a", "local.b", "module.c.d"]),
        ('"${var.a}-${upper(var.b)}"', ["var.a", "var.b"]),
        ("<<E\n  ${var.a}\n  %{ if var.b }${var.c}%{ else }${var.d}%{ endif }\nE", ["var.a", "var.b", "var.c", "var.d"]),
        ('"$${var.a} %%{ if var.b } $$${var.c}"', []),
        ("[for k, v in var.a : v.x + k + local.b if v]", ["var.a", "local.b"]),
        ("{ for k, v in var.a : k => [for k in v : k.x]... }", ["var.a"]),
        ("[[for k in var.a : k.x], k.y]", ["var.a", "k.y"]),
        ('"%{ for x in var.a ~}${x.y}${z.y}%{ endfor }"', ["var.a", "z.y"]),
        ("{ a = b.c, d.e = f.g, (h.i) = j.k }", ["b.c", "d.e", "f.g", "h.i", "j.k"]),
        ("each.value + count.index + self.x + path.module + terraform.workspace", []),
        ("f(a.b)[c.d].e", ["a.b", "c.d"]),
        ("a[b.c[d.e]]", ["a", "b.c", "d.e"]),
        ("(a.b).c", ["a.b"]),
        ('"${"${a.b}"}"', ["a.b"]),
    ],
)  # fmt: skip
def test_references(source: str, expected: list[str]) -> None:
    assert names(source) == expected


def test_comments_may_stand_anywhere() -> None:
    assert names("[ # one\n  var.a, /* two */ var.b // three\n]") == ["var.a", "var.b"]


def test_a_repeated_argument_is_a_problem_at_its_second_name() -> None:
    document = HclDocument.parse("b {\n  a = 1\n  c = 2\n  a = 3\n}\n", "main.tf")
    (problem,) = document.problems

    assert problem.message == 'the argument "a" is already set in line 2'
    assert problem.span == Span.of(4, 3, 4, 4)
    assert document.complete


def test_what_is_right_in_a_broken_file_is_still_read() -> None:
    document = HclDocument.parse('a = "x"\nb = ]\nmodule "m" {}\n', "main.tf")

    assert not document.complete
    assert document.problems
    assert "a" in document.attributes


def test_a_file_too_deep_for_the_other_parser_is_judged_by_its_tree() -> None:
    deep = "a = " + "!" * 21_000 + "true\n"

    problems = HclDocument.parse(f"{deep}b = ]\n", "main.tf").problems
    assert "this is not Terraform syntax" in {problem.message for problem in problems}


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    document = HclDocument.parse("a = [\n" + "{},\n" * 21_000 + "]\nb = ]\n", "main.tf")

    assert [problem.span.start.line for problem in document.problems] == [21_003]
    assert document.problems[0].message == "invalid expression"


def test_an_empty_file_is_a_file() -> None:
    document = HclDocument.parse("", "main.tf")

    assert (document.blocks, document.attributes, document.problems) == ((), {}, ())


@pytest.mark.parametrize("escaped", ["$${", "$$${", "$$$$${", "%%{", "%%%{"])
def test_an_escape_ends_no_string_later_than_it_does(escaped: str) -> None:
    text = f'a = <<-EOT\n  x = "{escaped}"\nEOT\nb = <<-EOT\n  "$HOME/x"\nEOT\nc = "{escaped}"\n'

    document = HclDocument.parse(text, "main.tf")

    values = {name: attribute.expression for name, attribute in document.attributes.items()}
    assert document.complete
    assert {name: getattr(value, "value", None) for name, value in values.items()} == {
        "a": f'x = "{escaped[1:]}"\n',
        "b": '"$HOME/x"\n',
        "c": escaped[1:],
    }


def test_a_quote_that_is_not_closed_on_its_line_has_no_value() -> None:
    document = HclDocument.parse('a = "x ${b}\nc = "d"\n', "main.tf")
    open_quote = document.attributes["a"].expression

    assert not isinstance(open_quote, Text)
    assert [item.root for item in references(open_quote)] == ["b"]


def test_an_interpolation_may_have_several_lines() -> None:
    found = expression('"x ${\n  b\n} y"')

    assert isinstance(found, Text)
    assert found.decoded.text.startswith("x ")
