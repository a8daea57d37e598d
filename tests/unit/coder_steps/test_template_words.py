"""The front matter of a README becomes the words that Coder shows."""

from __future__ import annotations

import pytest

from provisioner.coder_api.archive import Entry
from provisioner.coder_steps.template_words import checked_words, readme_words
from provisioner.errors import InputError


def words(text: str) -> dict[str, str]:
    return readme_words({"README.md": Entry(text.encode())})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('display_name: "A \\"b\\""', {"display_name": 'A "b"'}),
        ("display_name: 'It''s'", {"display_name": "It's"}),
        ("display_name: Plain words # comment", {"display_name": "Plain words"}),
        ("icon: ../../../../.icons/docker.svg", {"icon": "/icon/docker.svg"}),
        ("icon: /icon/k8s.png", {"icon": "/icon/k8s.png"}),
        ("icon: https://x.example/i.svg", {"icon": "https://x.example/i.svg"}),
        ("tags: [a]", {}),
        ('description: "unclosed', {}),
        ("description:", {}),
    ],
)
def test_a_line_of_the_front_matter_is_read(line: str, found: dict[str, str]) -> None:
    assert words(f"---\n{line}\n---\n# Title\ndescription: not here\n") == found


@pytest.mark.parametrize("text", ["", "# Title\n---\nicon: /icon/a.svg\n---\n"])
def test_without_front_matter_there_are_none(text: str) -> None:
    assert words(text) == {}
    assert readme_words({}) == {}


def test_a_long_description_is_cut_to_what_coder_takes() -> None:
    cut = words(f"---\ndescription: {'é' * 100}\n---\n")["description"]

    assert cut == "é" * 62 + "…"
    assert len(cut.encode()) == 127
    assert checked_words({"description": cut}) == {"description": cut}


@pytest.mark.parametrize("given", [{"description": "é" * 64}, {"display_name": "x" * 65}])
def test_given_words_that_coder_refuses_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(InputError):
        checked_words(given)
