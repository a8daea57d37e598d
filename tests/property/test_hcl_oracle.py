"""Strings mean here what they mean to HashiCorp's parser, and know where they come from."""

from __future__ import annotations

from unicodedata import normalize

import pygohcl
from hypothesis import assume, example, given
from hypothesis import strategies as st

from provisioner.syntax.hcl_document import HclDocument
from provisioner.syntax.hcl_model import Literal, Text

# Characters that mean something to HCL, or have a width of their own.
SIGNS = [
    "$",
    "%",
    "{",
    "}",
    '"',
    "\\",
    "~",
    "#",
    "$${",
    "%%{",
    "\\n",
    "\\u00e9",
    '\\"',
    "${1}",
    '${"q"}',
]
LETTERS = ["a", "n", "é", "😀", "e\u0301", "\ue000", " ", "  ", "\t", "\n", "\r\n", "\u00a0"]
pieces = st.sampled_from(SIGNS + LETTERS)
bodies = st.lists(pieces, max_size=14).map("".join)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def parsed(source: str) -> Text:
    document = HclDocument.parse(source, "main.tf")
    assert document.problems == ()
    assume(document.complete)
    expression = document.attributes["a"].expression
    # A quote in the body ends the string, and `""%""` is an operator between two of them.
    assume(isinstance(expression, Text))
    assert isinstance(expression, Text)
    return expression


def quoted(text: str) -> str:
    """Quote in a way of its own: every character by its number."""
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def heredoc_lines(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def evaluated(text: Text) -> str:
    """Put the literals of the interpolations in place of the holes."""
    values = iter(text.parts)
    shown = []
    for offset, character in enumerate(text.decoded.text):
        part = next(values) if offset in text.decoded.holes else None
        assert part is None or isinstance(part, Literal | Text)
        shown.append(character if part is None else str(part.value))
    # Terraform's values are in this form; the decoded text keeps the characters of the file.
    return normalize("NFC", "".join(shown))


def accepted(source: str) -> str:
    """Return HashiCorp's value of `a`; texts that its parser refuses prove nothing here."""
    try:
        value = pygohcl.loads(source)["a"]
    except pygohcl.HCLParseError:
        assume(False)
    return str(value)


@given(texts)
def test_a_quoted_string_decodes_to_the_text(text: str) -> None:
    assert parsed(f"a = {quoted(text)}\n").value == text


@given(texts)
def test_a_heredoc_decodes_to_the_text(text: str) -> None:
    assume("END" not in text)
    assume("\r" not in text)  # A lone carriage return is no character of Terraform's language.
    assume(not heredoc_lines(text).replace("$${", "").replace("%%{", "").count("${"))

    assert parsed(f"a = <<END\n{heredoc_lines(text)}\nEND\n").value == f"{text}\n"


@given(bodies)
@example("$$${1}")
@example("\\n $${1}%%{")
def test_quoted_strings_agree_with_hashicorp(body: str) -> None:
    source = f'a = "{body}"\n'
    value = accepted(source)

    assert evaluated(parsed(source)) == value


@given(bodies, st.sampled_from(["<<", "<<-"]))
@example("  a\n\n \n\tb\n   c", "<<-")
@example("  a\n${1}\n  b", "<<-")
@example("  a\n ${1}\n  b", "<<-")
@example("\u00a0 a\r\n\r\n  b", "<<-")
@example("$$${1}", "<<")
def test_heredocs_agree_with_hashicorp(body: str, marker: str) -> None:
    source = f"a = {marker}END\n{body}\n  END\n"
    value = accepted(source)

    assert evaluated(parsed(source)) == value


@given(
    st.lists(
        st.sampled_from(
            ["a ", " b", "\n", "  ", " ", "$", "%", "\r\n", "${~ 1 ~}", "${1 ~}", "${~ 1}"]
        )
    )
)
@example(["$", " ", "\n", "${~ 1}"])
@example(["$", "\r\n", "${~ 1}"])
@example(["$", "$", "\r\n", "${~ 1}"])
@example(["%", " ", "\r\n", "${~ 1}"])
def test_strip_markers_agree_with_hashicorp(parts: list[str]) -> None:
    source = f"a = <<-END\n{''.join(parts)}\n  END\n"

    assert evaluated(parsed(source)) == accepted(source)


@given(bodies, st.sampled_from(['"{}"', "<<END\n{}\nEND", "<<-END\n{}\n  END"]))
def test_every_character_knows_its_place(body: str, form: str) -> None:
    source = f"# 😀\r\na = {form.format(body)}\n"
    accepted(source)
    decoded = parsed(source).decoded

    for offset, character in enumerate(decoded.text):
        start = decoded.source_offset(offset)
        if offset in decoded.holes:
            assert source.startswith("${", start)
        else:
            assert source[start] in {character, "\\"}
