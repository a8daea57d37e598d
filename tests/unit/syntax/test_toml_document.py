"""Places of TOML keys and values, however they are written."""

from __future__ import annotations

import pytest

from provisioner.finding import FILE_START, Span
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Text
from provisioner.syntax.toml_document import TomlDocument

TEXT = """\
# comment
a = 1
"b c".d = "x\\n"  # behind
e = { f = 1, g.h = [1, { i = 2 }] }
[t.u]
v = 1979-05-27T07:32:00Z
[t]
k = \"\"\"
😀\"\"\"
[[arr]]
x = 1
[[arr]]
x = 2
  [arr.sub]
\ty = 'lit'
["q\\u00e9"]
"""


def embedded(source: str) -> TomlDocument:
    expression = HclDocument.parse(source, "main.tf").attributes["a"].expression
    assert isinstance(expression, Text)
    return TomlDocument.embedded(expression.decoded)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("a",), Span.of(2, 1, 2, 2), Span.of(2, 5, 2, 6)),
        (("b c",), Span.of(3, 1, 3, 6), Span.of(3, 11, 3, 16)),
        (("b c", "d"), Span.of(3, 7, 3, 8), Span.of(3, 11, 3, 16)),
        (("e", "g", "h"), Span.of(4, 16, 4, 17), Span.of(4, 20, 4, 34)),
        (("e", "g", "h", 0), Span.of(4, 21, 4, 22), Span.of(4, 21, 4, 22)),
        (("e", "g", "h", 1, "i"), Span.of(4, 26, 4, 27), Span.of(4, 30, 4, 31)),
        (("t",), Span.of(7, 2, 7, 3), Span.of(7, 1, 7, 4)),
        (("t", "u"), Span.of(5, 4, 5, 5), Span.of(5, 1, 5, 6)),
        (("t", "u", "v"), Span.of(6, 1, 6, 2), Span.of(6, 5, 6, 25)),
        (("t", "k"), Span.of(8, 1, 8, 2), Span.of(8, 5, 9, 5)),
        (("arr",), Span.of(10, 3, 10, 6), Span.of(10, 1, 10, 8)),
        (("arr", 1), Span.of(12, 3, 12, 6), Span.of(12, 1, 12, 8)),
        (("arr", 1, "x"), Span.of(13, 1, 13, 2), Span.of(13, 5, 13, 6)),
        (("arr", 1, "sub"), Span.of(14, 8, 14, 11), Span.of(14, 3, 14, 12)),
        (("arr", 1, "sub", "y"), Span.of(15, 2, 15, 3), Span.of(15, 6, 15, 11)),
        (("qé",), Span.of(16, 2, 16, 11), Span.of(16, 1, 16, 12)),
        # What is not there: the nearest ancestor, at last the start of the file.
        (("t", "nope", "x"), Span.of(7, 2, 7, 3), Span.of(7, 1, 7, 4)),
        (("arr", 7), Span.of(10, 3, 10, 6), Span.of(10, 1, 10, 8)),
        (("nope",), FILE_START, FILE_START),
        ((), FILE_START, FILE_START),
    ],
)
def test_spans(path: tuple[str | int, ...], key: Span, value: Span) -> None:
    document = TomlDocument.parse(TEXT, "config.toml")

    assert document.key_span(*path) == key
    assert document.value_span(*path) == value


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("a = \n", "this is no value", Span.of(1, 5, 1, 5)),
        ("a = 1\n\tb = ?\r\n", "this is no value", Span.of(2, 6, 2, 7)),
        ("a = 1\na = 2\n", "this key is already set", Span.of(2, 1, 2, 6)),
        ("[a]\n[a] # x\n", "cannot declare ('a',) twice", Span.of(2, 1, 2, 3)),
        ("[a", "expected ']' at the end of a table declaration", Span.of(1, 3, 1, 3)),
        ('a = "x', "unterminated string", Span.of(1, 7, 1, 7)),
        ("a = " + "[" * 3000, "arrays or inline tables are nested too deeply", Span.of(1, 1, 1, 2)),
    ],
)
def test_what_is_not_toml_has_a_problem_and_no_data(text: str, message: str, span: Span) -> None:
    document = TomlDocument.parse(text, "config.toml")

    assert document.data is None
    assert document.problem is not None
    assert (document.problem.message, document.problem.span) == (message, span)
    assert document.key_span("a") == FILE_START
    assert document.tables == ()
    assert document.strings == ()


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = TomlDocument.parse("\ufeffa = 1\n", "config.toml")

    assert document.data == {"a": 1}
    assert document.key_span("a") == Span.of(1, 1, 1, 2)


def test_tables_hold_the_pairs_written_below_them() -> None:
    document = TomlDocument.parse('x = 1\n[a."b.c"]\nd.e = 2\n[[f]]\n[[f]]\ng = { h = 3 }\n', "f")
    tables = document.tables

    assert [table.path for table in tables] == [(), ("a", "b.c"), ("f", 0), ("f", 1)]
    assert [table.header for table in tables] == ["", '[a."b.c"]', "[[f]]", "[[f]]"]
    assert [[pair.path for pair in table.pairs] for table in tables] == [
        [("x",)],
        [("a", "b.c", "d", "e")],
        [],
        [("f", 1, "g")],
    ]
    assert tables[1].span == Span.of(2, 1, 2, 10)
    assert tables[1].pairs[0].value == 2


def test_strings_are_found_however_deep() -> None:
    document = TomlDocument.parse('a = "1"\nb = [["2"], { c = "3" }]\nd = 4\n', "config.toml")

    assert {pair.path: pair.value for pair in document.strings} == {
        ("a",): "1",
        ("b", 0, 0): "2",
        ("b", 1, "c"): "3",
    }


def test_data_is_reached_by_path() -> None:
    document = TomlDocument.parse("a = [{ b = 1 }]\n", "config.toml")

    assert document.get("a", 0, "b") == 1
    assert document.get("a", 1, "b") is None
    assert document.get("a", 0, "b", "c") is None


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ('a = "xyz"', Span.of(1, 6, 1, 9)),
        ("a = 'xyz'", Span.of(1, 6, 1, 9)),
        (r'a = "\u0078yz"', None),
        ('a = """xyz"""', None),
        ("a = 1", None),
    ],
)
def test_the_content_of_a_plain_string_has_a_span(text: str, span: Span | None) -> None:
    assert TomlDocument.parse(text, "config.toml").content_span("a") == span


def test_embedded_text_has_the_places_of_its_file() -> None:
    document = embedded('a = <<-TOML\n\t\tmodel = "😀" # é\n\t\t[p."${x.y}"]\n\t\tq = 1\n\tTOML\n')

    assert document.path == "main.tf"
    assert document.value_span("model") == Span.of(2, 11, 2, 14)
    assert document.tables[1].header == '[p."${…}"]'
    assert document.tables[1].span == Span.of(3, 3, 3, 15)
    assert document.tables[1].pairs[0].key_span == Span.of(4, 3, 4, 4)


def test_quotes_that_hcl_escapes_belong_to_the_value() -> None:
    document = embedded(r'a = "k = \"v\"\nl = 1"')

    assert document.value_span("k") == Span.of(1, 10, 1, 15)
    assert document.content_span("k") == Span.of(1, 12, 1, 13)
    assert document.value_span("l") == Span.of(1, 21, 1, 22)


@pytest.mark.parametrize(
    ("toml", "judged"),
    [
        ('k = "${x}"', True),
        ("k = '${x}'", True),
        ('k = """\n${x}\n"""', True),
        ('["${x}"]', True),
        ("# ${x}", True),
        ("k = ${x}", False),
        ("[${x}]", False),
        ("${x}", False),
        ('k = "v" ${x}', False),
        ("%{ if x }\nk = 1\n%{ endif }", False),
    ],
)
def test_text_is_judged_when_interpolations_stand_in_strings(toml: str, judged: bool) -> None:  # noqa: FBT001
    document = embedded(f"a = <<E\n{toml}\nE\n")

    assert (document.data is not None) is judged
    assert document.problem is None


def test_holes_are_known_by_path() -> None:
    document = embedded('a = <<E\nk = "${x}"\nl = "y"\nE\n')

    assert document.has_hole("k")
    assert not document.has_hole("l")
