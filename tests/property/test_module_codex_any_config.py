"""Whatever config.toml is there, the merged one is TOML with the block's settings in it."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.codex_home.toml_values import same
from tests.property.test_codex_home_layout import texts
from tests.support.merged_config import END, NOTE, START, merged

few = settings(max_examples=25, deadline=None)


def holds(data: Any, ours: Any) -> bool:
    """Say whether all of `ours` is in `data`, which may have more tables and elements."""
    if isinstance(ours, dict) and isinstance(data, dict):
        return all(key in data and holds(data[key], value) for key, value in ours.items())
    if isinstance(ours, list) and isinstance(data, list) and ours and isinstance(ours[0], dict):
        return all(holds(item, own) for item, own in zip(data, ours, strict=False))
    return same(data, ours)


def lines(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


@few
@given(texts(), texts())
def test_the_block_wins_and_no_line_is_lost(ours: str, theirs: str) -> None:
    text = merged(ours, theirs)

    assert holds(tomllib.loads(text), tomllib.loads(ours))
    rest = text.replace("\r", "").splitlines()
    for line in theirs.replace("\r", "").splitlines():
        assert line in rest or f"# {line}" in rest


@few
@given(texts(), texts())
def test_settings_that_do_not_meet_are_all_there(ours: str, theirs: str) -> None:
    wanted, present = tomllib.loads(ours), tomllib.loads(theirs)
    text = merged(ours, theirs)

    if not wanted.keys() & present.keys():
        assert NOTE not in text
        assert same(tomllib.loads(text), {**present, **wanted})


@few
@given(texts(), texts(), st.lists(st.sampled_from([START, END]), max_size=2), st.data())
def test_markers_anywhere_between_statements_do_no_harm(
    ours: str, theirs: str, markers: list[str], data: st.DataObject
) -> None:
    """The earlier start may have been cut, or an editor may have moved lines."""
    parts = [START, lines(ours), END]
    parts.insert(data.draw(st.sampled_from([0, 3])), lines(theirs))
    for marker in markers:
        parts.insert(data.draw(st.integers(0, len(parts))), marker)
    text = merged(ours, "".join(parts))

    assert text.count(START) == text.count(END) == 1
    assert holds(tomllib.loads(text), tomllib.loads(ours))
