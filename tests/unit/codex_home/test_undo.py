"""Undo restores what was there, or refuses and says why."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.managed_block import MANAGED_END, MANAGED_START
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


def test_codex_itself_may_have_written_to_the_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("model = 'mine' # why\n")
    apply_files(tmp_path, FILES, force=True)
    config.write_text(config.read_text() + '\n[projects."/p"]\ntrust_level = "trusted"\n')

    undone = undo(tmp_path)

    assert undone == Undone((), ("router.config.toml",), ("config.toml",))
    assert [line for line in config.read_text().splitlines() if line] == [
        "model = 'mine' # why",
        '[projects."/p"]',
        'trust_level = "trusted"',
    ]
    assert sorted(tree(tmp_path)) == ["config.toml"]


def test_a_key_that_was_changed_since_is_kept_and_named(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("model = 'mine'\n")
    apply_files(tmp_path, FILES, force=True)
    edited = config.read_text().replace("gpt-5.5", "other").replace("responses", "chat")
    config.write_text(edited)

    undone = undo(tmp_path)

    assert undone.kept == (
        "config.toml: model",
        "config.toml: model_providers.ai_gateway.wire_api",
    )
    assert tomllib.loads(config.read_text()) == {
        "model": "other",
        "model_providers": {"ai_gateway": {"wire_api": "chat"}},
    }


def test_a_provider_that_has_no_name_any_more_is_named(tmp_path: Path) -> None:
    apply_files(tmp_path, FILES)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + "request_max_retries = 1\n")

    assert undo(tmp_path).kept == ("config.toml: model_providers.ai_gateway",)


def test_a_file_of_ours_stays_with_what_was_added_to_it(tmp_path: Path) -> None:
    apply_files(tmp_path, FILES)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + "[tui]\nx = 1\n")

    assert undo(tmp_path).by_key == ("config.toml",)
    assert tomllib.loads(config.read_text()) == {"tui": {"x": 1}}


def test_a_file_of_ours_of_which_nothing_is_left_goes(tmp_path: Path) -> None:
    apply_files(tmp_path, FILES)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + "\n")

    assert undo(tmp_path) == Undone((), ("config.toml", "router.config.toml"))
    assert tree(tmp_path) == {}


def test_the_block_of_the_codex_module_may_come_or_change(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# mine\n")
    apply_files(tmp_path, FILES)
    block = f"{MANAGED_START}\n[tui]\nx = 1\n{MANAGED_END}\n"
    config.write_text(config.read_text() + block)

    assert undo(tmp_path).by_key == ("config.toml",)
    assert config.read_text().startswith("# mine\n")
    assert config.read_text().endswith(f"\n{block}")
    assert tomllib.loads(config.read_text()) == {"tui": {"x": 1}}


def test_an_edit_that_is_not_toml_is_said(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    apply_files(tmp_path, FILES)
    config.write_text("secret = not-a-real-one\n")
    before = tree(tmp_path)

    with pytest.raises(InputError, match=r"config.toml:1:10: this is not TOML") as refused:
        undo(tmp_path)
    assert tree(tmp_path) == before
    assert "not-a-real-one" not in str(refused.value)


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
