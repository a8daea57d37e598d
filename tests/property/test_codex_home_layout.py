"""In any TOML, statements are found where they stand, and a merge keeps all that is not ours."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from provisioner.codex_home.document import Document
from provisioner.codex_home.merge import merge
from provisioner.codex_home.toml_layout import Pair, read_layout
from provisioner.codex_home.toml_values import dotted, leaves, look_up, same, toml_value, value_of
from provisioner.codex_home.wanted import wanted_keys
from tests.unit.codex_home.homes import CONFIG

keys = st.text(st.sampled_from("ab-_1é😀 .\"'\\\t#=[]{}"), min_size=1, max_size=4)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.datetimes().map(lambda value: value.replace(fold=0))
    | st.dates()
    | st.times().map(lambda value: value.replace(fold=0))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, max_size=5)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Valid TOML, with comments and either line ending."""
    text = tomlkit.dumps(draw(documents))
    if draw(st.booleans()):
        text = f"# first\n\n{text}  # 'last"
    return text.replace("\n", "\r\n") if draw(st.booleans()) and "\r" not in text else text


def is_in_array(data: dict[str, Any], pair: Pair) -> bool:
    """Elements of an array of tables share one path, so the data has no single answer."""
    return any(isinstance(look_up(data, pair.path[:n]), list) for n in range(1, len(pair.path)))


@given(texts())
def test_every_pair_has_its_own_value(text: str) -> None:
    data = tomllib.loads(text)
    layout = read_layout(text)

    for pair in layout.all_pairs():
        if not is_in_array(data, pair):
            assert same(value_of(text[slice(*pair.value)]), look_up(data, pair.path))
    found = {pair.path for pair in layout.all_pairs()}
    for path, value in leaves(data):
        if not isinstance(value, dict | list):
            assert path in found


@given(texts())
def test_whole_lines_cover_all_that_is_not_a_comment(text: str) -> None:
    layout = read_layout(text)
    spans = sorted(
        [pair.span for pair in layout.pairs] + [section.span for section in layout.sections[1:]]
    )
    between = [0, *(offset for span in spans for offset in span), len(text)]
    rest = "".join(text[start:end] for start, end in zip(between[::2], between[1::2], strict=True))

    assert between == sorted(between)
    assert tomllib.loads(rest) == {}


@given(values)
def test_a_value_survives_being_written(value: Any) -> None:
    assert same(value_of(toml_value(value)), value)


@given(st.lists(keys, min_size=1, max_size=3).map(tuple))
def test_a_key_survives_being_written(path: tuple[str, ...]) -> None:
    assert look_up(tomllib.loads(f"{dotted(path)} = 1"), path) == 1


@given(texts())
def test_any_config_gets_our_keys_and_keeps_its_lines(text: str) -> None:
    document = Document.parse("config.toml", text)
    merged = merge("config.toml", document, wanted_keys(Document.parse("ours", CONFIG)), {})

    assert merged.conflicts == ()
    assert same(tomllib.loads(merged.text), {**document.data, **tomllib.loads(CONFIG)})
    rest = iter(merged.text.splitlines())
    assert all(line in rest for line in text.splitlines())
