"""Quoting: what HCL reads back is what went in, judged by HashiCorp's own parser."""

from __future__ import annotations

from unicodedata import normalize

import pygohcl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.render.hcl_text import Expression, arguments, heredoc, quoted

# NUL ends a C string inside the oracle, and lone surrogates are not text.
_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
_TRICKY = st.lists(
    st.sampled_from(
        ["$", "${", "%{", "$${", "}", '"', "\\", "\n", "\t", "EOT", " ", "é", "😀", "x"]
    )
).map("".join)


def read_back(source: str) -> object:
    return pygohcl.loads(f"value = {source}\n")["value"]


@given(_TEXT | _TRICKY)
def test_any_text_survives_a_quoted_string(text: str) -> None:
    assert read_back(quoted(text)) == normalize("NFC", text)


@given(_TRICKY | _TEXT.filter(lambda text: "\r" not in text), st.integers(0, 4))
def test_any_lines_survive_a_heredoc(text: str, indent: int) -> None:
    value = text + "\n"

    assert read_back(heredoc([value], indent)) == normalize("NFC", value)


@given(st.lists(_TRICKY, max_size=4), st.integers(0, 4))
def test_text_beside_text_or_an_expression_keeps_its_meaning(texts: list[str], place: int) -> None:
    parts: list[str | Expression] = [*texts]
    parts.insert(place, Expression('"<here>"'))
    expected = "".join([*texts[:place], "<here>", *texts[place:]])

    assert read_back(quoted(*parts)) == normalize("NFC", expected)


def test_expressions_stay_expressions_between_escaped_text() -> None:
    assert quoted("a${", Expression("var.x"), "}") == '"a$${${var.x}}"'


def test_the_marker_gives_way_to_a_line_that_looks_like_it() -> None:
    assert heredoc(["EOT\n"], 0).splitlines() == ["<<-EOT2", "  EOT", "EOT2"]


@pytest.mark.parametrize("parts", [[], ["no newline"], ["a\r\n"], ["a\n", Expression("var.x")]])
def test_what_a_heredoc_cannot_hold_is_refused(parts: list[str | Expression]) -> None:
    with pytest.raises(ValueError, match="whole lines"):
        heredoc(parts, 0)


def test_arguments_are_aligned() -> None:
    assert arguments([("a", "1"), ("long", "2")], 2) == "  a    = 1\n  long = 2"
