"""YAML with places: what is read, what is refused and where, and which `#` is a comment."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.finding import Span
from provisioner.syntax.source import SourceText
from provisioner.syntax.yaml_document import YamlDocument, YamlNode


def document(text: str) -> YamlDocument:
    return YamlDocument.read(SourceText("a.yaml", text))


def plain(node: YamlNode) -> object:
    if node.kind == "table":
        return {key.text: plain(value) for key, value in node.entries}
    return [plain(item) for item in node.items] if node.kind == "list" else node.text


def test_every_value_stands_where_it_stands() -> None:
    text = 'a: 1\nb:\n  - "x: y"\n  - {c: ü, d: ~}\n'
    found = document(text)
    assert found.root is not None
    (_, _), (key, listed) = found.root.entries

    assert plain(found.root) == {"a": "1", "b": ["x: y", {"c": "ü", "d": "~"}]}
    assert key.span == Span.of(2, 1, 2, 2)
    assert listed.items[0].span == Span.of(3, 5, 3, 11)
    assert not listed.items[0].is_plain
    assert listed.items[1].entries[1][1].is_null


def test_merged_tables_give_way_to_what_is_written_out() -> None:
    text = "base: &base\n  a: 1\n  b: 2\nmine:\n  <<: *base\n  b: 3\n"
    found = document(text)
    assert found.root is not None

    assert plain(found.root.entries[1][1]) == {"a": "1", "b": "3"}


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("a: 1\na: 2\n", 'the key "a" already stands in line 1', Span.of(2, 1, 2, 2)),
        ("a: b: c\n", "it is not YAML: mapping values are not allowed here", Span.of(1, 5, 1, 5)),
        ("&a [*a]\n", "an alias stands inside of what it names", Span.of(1, 1, 1, 8)),
        ("[1]: x\n", "a key must be a text", Span.of(1, 1, 1, 4)),
        ("a: \x01\n", "a character cannot stand in YAML", Span.of(1, 4, 1, 5)),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, message: str, span: Span) -> None:
    found = document(text)
    assert found.problem is not None

    assert (found.root, found.problem.message, found.problem.span) == (None, message, span)


def test_aliases_of_aliases_do_not_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = document("\n".join(lines))
    assert found.problem is not None

    assert found.problem.message == "it holds more than 50,000 values"


def test_deep_nesting_is_a_problem_of_the_file() -> None:
    assert document("[" * 5000).problem is not None


def test_only_a_hash_outside_of_values_is_a_comment() -> None:
    text = "# one\na: b#c # two\nd: '# no'\ne: |\n  # no\nf: [1, # three\n  2]\n"

    assert [text[start:end] for start, end in document(text).comments] == [
        "# one",
        "# two",
        "# three",
    ]


@given(st.text(st.sampled_from("ab:-#&*[]{}!|>'\"\\ \n\t~ü\x85?,%@`"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = document(text)

    assert found.root is None or found.problem is None
    for start, end in found.comments:
        assert text[start] == "#"
        assert "\n" not in text[start:end]


@given(
    st.recursive(
        st.text("abc#: '", max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_what_another_library_writes_is_read_as_it_was(value: object) -> None:
    found = document(yaml.safe_dump(value))
    assert found.root is not None

    assert plain(found.root) == value
