"""What is archived comes out again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import txtar

lines = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])).filter(
    lambda line: not (line.startswith("-- ") and line.rstrip("\r").endswith(" --"))
)
texts = st.lists(lines).map(lambda parts: "".join(f"{part}\n" for part in parts))
names = st.from_regex(r"[a-z./-]*[a-z]", fullmatch=True)


@given(texts, st.dictionaries(names, texts, max_size=4))
def test_parsing_a_formatted_archive_gives_it_back(comment: str, files: dict[str, str]) -> None:
    archive = txtar.Archive(comment, files)

    assert txtar.parse(txtar.format(archive)) == archive


@given(texts, st.dictionaries(names, texts, max_size=4))
def test_the_order_of_the_files_is_kept(comment: str, files: dict[str, str]) -> None:
    parsed = txtar.parse(txtar.format(txtar.Archive(comment, files)))

    assert list(parsed.files) == list(files)


def test_an_archive_reads_as_it_looks() -> None:
    text = "why\n-- a/x --\none\n\n-- a/y.toml --\n-- b --\n-- not a marker\n"

    archive = txtar.parse(text)

    assert archive.comment == "why\n"
    assert archive.files == {"a/x": "one\n\n", "a/y.toml": "", "b": "-- not a marker\n"}
    assert archive.folder("a") == {"x": "one\n\n", "y.toml": ""}


def test_a_missing_final_newline_is_added() -> None:
    archive = txtar.Archive("", {"a": "x", "b": "y"})

    assert txtar.format(archive) == "-- a --\nx\n-- b --\ny\n"


@pytest.mark.parametrize(
    "files",
    [{"a": "-- b --\n"}, {"a": "x\n-- b --"}, {" a": ""}, {"": ""}, {"a\nb": ""}],
)
def test_what_would_be_read_differently_is_refused(files: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="archive"):
        txtar.format(txtar.Archive("", files))


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match='two files are named "a"'):
        txtar.parse("-- a --\n-- a --\n")
