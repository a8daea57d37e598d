"""The README of every rendered template passes the rules of the Coder registry's own checker."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from tests.support.command import ROOT

READMES = sorted((ROOT / "tests" / "golden").glob("*/expected/README.md"))
KNOWN_KEYS = {"display_name", "description", "icon", "verified", "tags", "supported_os"}
ALERT = re.compile(r"> \[!(NOTE|IMPORTANT|CAUTION|WARNING|TIP)\]\Z")


def parts(path: Path) -> tuple[dict[str, str], list[str]]:
    """Return the front matter as raw values by key, and the lines of the body."""
    text = path.read_text(encoding="utf-8")
    opening, front, body = text.split("---\n", 2)
    assert opening == ""
    return dict(line.split(": ", 1) for line in front.splitlines()), body.splitlines()


def without_code(lines: list[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(line)
    assert not inside, "a code fence is not closed"
    return kept


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.parent.name)
def test_the_front_matter_is_accepted(path: Path) -> None:
    front, _ = parts(path)

    assert set(front) <= KNOWN_KEYS
    # A basic string of TOML is a double-quoted string of YAML.
    assert tomllib.loads(f"x = {front['description']}")["x"].strip()
    assert tomllib.loads(f"x = {front['display_name']}")["x"].strip()
    assert front["icon"].startswith("../../../../.icons/")
    assert re.fullmatch(r"\[[a-z0-9-]+(, [a-z0-9-]+)*\]", front["tags"])
    assert set(front["supported_os"].strip("[]").split(", ")) <= {"windows", "macos", "linux"}


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.parent.name)
def test_the_body_is_accepted(path: Path) -> None:
    _, body = parts(path)
    lines = without_code(body)
    headings = [line for line in lines if line.startswith("#")]
    levels = [len(line) - len(line.lstrip("#")) for line in headings]

    assert next(line for line in lines if line).startswith("# ")
    assert levels.count(1) == 1
    assert all(line[level] == " " for line, level in zip(headings, levels, strict=True))
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    after_title = lines[lines.index(headings[0]) + 1 :]
    assert not next(line for line in after_title if line).startswith(("#", ">", "-"))


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.parent.name)
def test_alerts_and_fences_have_the_form_it_wants(path: Path) -> None:
    _, body = parts(path)

    for number, line in enumerate(body):
        if "[!" in line:
            assert ALERT.match(line), line
            assert body[number + 1].startswith("> ")
    assert not [line for line in body if line.startswith("```hcl")]
