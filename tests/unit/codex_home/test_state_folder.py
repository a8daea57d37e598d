"""A state folder is obeyed only where its owner filled it, and only about files of its home."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.undo import undo
from provisioner.errors import InputError
from tests.unit.codex_home.homes import FILES, tree

COMMANDS = [undo, lambda home: apply_files(home, FILES)]


def journal(home: Path, name: str, *step: Any, mode: int = 0o700) -> None:
    """Leave a journal with one step."""
    folder = home / ".provisioner"
    folder.mkdir(parents=True)
    data = {"version": 1, "state": None, "steps": {name: step}}
    (folder / "journal.json").write_text(json.dumps(data))
    folder.chmod(mode)


@pytest.mark.parametrize("change", COMMANDS)
@pytest.mark.parametrize("bits", [0o755, 0o770, 0o701])
def test_one_that_is_open_to_others_is_refused(
    tmp_path: Path, change: Callable[[Path], object], bits: int
) -> None:
    journal(tmp_path, "config.toml", None, None, "a = 1", 0o600, mode=bits)
    before = tree(tmp_path)

    with pytest.raises(InputError, match="is open to others"):
        change(tmp_path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("change", COMMANDS)
def test_one_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    journal(tmp_path, "config.toml", None, None, "a = 1", 0o600)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)

    with pytest.raises(InputError, match="belongs to another user"):
        change(tmp_path)
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.parametrize("change", COMMANDS)
@pytest.mark.parametrize("links_to", [None, "other", "missing/deep"])
def test_a_file_elsewhere_is_not_written(
    tmp_path: Path, change: Callable[[Path], object], links_to: str | None
) -> None:
    home, victim = tmp_path / "codex", tmp_path / "victim"
    journal(home, "config.toml", str(victim), None, "owned", 0o777)
    if links_to:
        (home / "config.toml").symlink_to(tmp_path / links_to)
    before = tree(tmp_path)

    with pytest.raises(InputError, match=r"config.toml is no link to"):
        change(home)
    assert not victim.exists()
    after = tree(tmp_path)
    after.pop("codex/.provisioner/lock")
    assert after == before


@pytest.mark.parametrize(("bits", "got"), [(0o777, 0o644), (0o4755, 0o644), (0o600, 0o600)])
def test_no_file_gets_more_open_than_a_config_may_be(tmp_path: Path, bits: int, got: int) -> None:
    journal(tmp_path, "config.toml", None, None, "a = 1\n", bits)

    undone = undo(tmp_path)

    assert undone.completed == ("config.toml",)
    assert (tmp_path / "config.toml").stat().st_mode & 0o7777 == got


@pytest.mark.parametrize(
    "step",
    [
        (None, None, "a"),
        (3, None, "a", 0o600),
        (None, 3, "a", 0o600),
        (None, None, 3, 0o600),
        (None, None, "a", "0600"),
        (None, None, "a", 1.5),
    ],
)
def test_a_damaged_journal_is_said(tmp_path: Path, step: tuple[Any, ...]) -> None:
    journal(tmp_path, "config.toml", *step)

    with pytest.raises(InputError, match=r"journal.json cannot be used"):
        undo(tmp_path)
    assert not (tmp_path / "config.toml").exists()
