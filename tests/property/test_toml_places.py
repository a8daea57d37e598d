"""The text at a span of a TOML document is what the span is said to be."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from provisioner.finding import Span
from provisioner.syntax.decoded_text import PLACEHOLDER, Run, join_runs
from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Text
from provisioner.syntax.source import SourceText
from provisioner.syntax.toml_document import TomlDocument

keys = st.text(st.sampled_from("ab-_1é😀 .\"'\\\t"), min_size=1, max_size=4)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.datetimes()
    | st.dates()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, max_size=5)


def text_at(source: str, span: Span) -> str:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    start, end = (
        starts[position.line - 1] + position.column - 1 for position in (span.start, span.end)
    )
    return source[start:end]


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        items = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list) else []
    return [found for key, item in items for found in [(*path, key), *paths(item, (*path, key))]]


@given(documents)
def test_keys_and_values_stand_where_their_spans_say(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)
    document = TomlDocument.parse(text, "config.toml")

    assert document.data == tomllib.loads(text)
    for path in paths(document.data):
        value = text_at(text, document.value_span(*path))
        if not isinstance(document.get(*path), dict | list) or value[:1] not in {"[", "{"}:
            assert tomllib.loads(f"value = {value}")["value"] == document.get(*path)
        if isinstance(path[-1], str):
            key = text_at(text, document.key_span(*path))
            assert list(tomllib.loads(f"{key} = 0")) == [path[-1]]


@given(documents)
def test_embedded_text_has_the_spans_of_its_file(data: dict[str, Any]) -> None:
    lines = tomlkit.dumps(data).replace("${", "").replace("%{", "").replace("\r", "")
    source = f"# é\nconfig = <<END\n{lines}\nEND\n"
    expression = HclDocument.parse(source, "main.tf").attributes["config"].expression
    assert isinstance(expression, Text)
    document = TomlDocument.embedded(expression.decoded)
    alone = TomlDocument.parse(expression.decoded.text, "config.toml")

    assert document.data == alone.data
    for path in paths(document.data or {}):
        within = text_at(source, document.value_span(*path))
        assert within == text_at(expression.decoded.text, alone.value_span(*path))


@given(st.text(max_size=40))
def test_any_text_has_data_or_a_problem_inside_it(text: str) -> None:
    document = TomlDocument.parse(text, "config.toml")

    assert (document.data is None) != (document.problem is None)
    if document.problem:
        assert document.problem.message
        assert text_at(text, document.problem.span) in text


@given(st.text(st.sampled_from('a="\n[]{}#'), max_size=20), st.integers(0, 20))
def test_a_hole_never_makes_a_problem_of_its_own(text: str, at: int) -> None:
    before, after = text[:at], text[at:]
    source = SourceText("main.tf", f"{before}?{after}")
    runs = [
        Run(before, 0, 1),
        Run(PLACEHOLDER, len(before), 1, is_hole=True),
        Run(after, len(before) + 1, 1),
    ]
    decoded = join_runs(source, runs, len(source.text))
    document = TomlDocument.embedded(decoded)
    known = TomlDocument.parse(f"{before}x{after}", "config.toml")

    if document.problem:
        assert known.problem
