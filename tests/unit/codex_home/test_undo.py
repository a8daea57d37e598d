"""Undo restores what was there, or refuses and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.model import RefusedError, Undone
from provisioner.codex_home.undo import undo
from provisioner.errors import InputError
from tests.unit.codex_home.homes import FILES, tree


def test_with_nothing_to_undo_nothing_is_done(tmp_path: Path) -> None:
    assert undo(tmp_path / "none") == Undone((), ())
    assert undo(tmp_path) == Undone((), ())
    assert tree(tmp_path) == {}


def test_it_says_what_it_did(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    apply_files(tmp_path, FILES)

    assert undo(tmp_path) == Undone(("config.toml",), ("router.config.toml",))
    assert undo(tmp_path) == Undone((), ())


def test_it_goes_back_to_before_the_first_apply(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    before = tree(tmp_path)
    for model in "abc":
        apply_files(tmp_path, {"config.toml": f'model = "{model}"\n'})

    undo(tmp_path)

    assert tree(tmp_path) == before


def test_an_edited_file_is_kept_and_the_edit_shown_without_secrets(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    config.write_text(config.read_text() + "api_key = 'not-a-real-key-at-all'\n")
    before = tree(tmp_path)

    with pytest.raises(RefusedError) as refused:
        undo(tmp_path)

    assert tree(tmp_path) == before
    text = str(refused.value)
    assert f"the original is {tmp_path}/.provisioner/original/config.toml\n" in text
    assert text.endswith('+api_key = "not-...-all"')


def test_a_removed_file_is_an_edit_unless_there_was_none(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    (tmp_path / "router.config.toml").unlink()
    (tmp_path / "config.toml").unlink()

    with pytest.raises(RefusedError, match=r"config.toml was removed since the last apply"):
        undo(tmp_path)
    (tmp_path / "config.toml").write_text("a = 1\n")
    undo(tmp_path)
    assert sorted(tree(tmp_path)) == ["config.toml"]


def test_a_link_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    config.rename(tmp_path / "moved")
    config.symlink_to("moved")

    with pytest.raises(RefusedError, match="is not the file it was"):
        undo(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        "{}",
        '{"version": 2}',
        '{"version": 1, "files": 3}',
        '{"version": 1, "files": {"../a": {"target": "", "mode": 0, "text": "", "keys": []}}}',
    ],
)
def test_a_damaged_state_is_said_and_the_originals_are_kept(tmp_path: Path, damage: str) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    (tmp_path / ".provisioner" / "state.json").write_text(damage)
    before = tree(tmp_path)

    for change in (undo, lambda home: apply_files(home, FILES)):
        with pytest.raises(InputError, match=r"state.json cannot be used: .*original"):
            change(tmp_path)
    assert tree(tmp_path) == before


def test_a_backup_that_is_gone_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    (tmp_path / ".provisioner" / "original" / "config.toml").unlink()

    with pytest.raises(InputError, match="is gone, so nothing can be undone"):
        undo(tmp_path)


def test_what_somebody_put_beside_the_state_stays(tmp_path: Path) -> None:
    apply_files(tmp_path, FILES)
    (tmp_path / ".provisioner" / "note").write_text("")

    undo(tmp_path)

    assert sorted(tree(tmp_path)) == [".provisioner", ".provisioner/note"]
