"""A profile that the home selects must not undo what apply sets, nor keep Codex from starting."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.undo import undo
from tests.unit.codex_home.homes import CONFIG, tree

SELECTED = 'profile = "work"\n[profiles.work]\nmodel_provider = "other"\nmodel_verbosity = "low"\n'
FILES = {"config.toml": CONFIG}


def home_with(folder: Path, text: str) -> Path:
    (folder / "config.toml").write_text(text)
    return folder


def test_before_files_a_key_that_wins_over_ours_is_a_conflict(tmp_path: Path) -> None:
    home_with(tmp_path, SELECTED)
    before = tree(tmp_path)

    with pytest.raises(RefusedError) as refused:
        apply_files(tmp_path, FILES, profiles_are_files=False)

    assert tree(tmp_path) == before
    assert (
        f'{tmp_path}/config.toml:3:1: profiles.work.model_provider is "other", and would become'
        ' "ai_gateway": profile = work selects this table, which wins over the root\n'
    ) in str(refused.value)


def test_before_files_force_replaces_it_and_undo_brings_it_back(tmp_path: Path) -> None:
    home_with(tmp_path, SELECTED)
    before = tree(tmp_path)

    apply_files(tmp_path, FILES, force=True, profiles_are_files=False)

    data = tomllib.loads((tmp_path / "config.toml").read_text())
    assert data["profile"] == "work"
    assert data["profiles"]["work"] == {"model_provider": "ai_gateway", "model_verbosity": "low"}
    assert apply_files(tmp_path, FILES, profiles_are_files=False).files == ()
    undo(tmp_path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "text",
    [
        SELECTED.replace("other", "ai_gateway"),
        SELECTED.replace("profile =", "other ="),
        '[profiles.work]\nmodel = "o3"\n',
        'profile = "work"\n[profiles.work]\nmodel_verbosity = "low"\n',
    ],
)
def test_before_files_a_profile_that_changes_none_of_ours_is_no_conflict(
    tmp_path: Path, text: str
) -> None:
    home_with(tmp_path, text)

    applied = apply_files(tmp_path, FILES, profiles_are_files=False)

    assert {change.kind for change in applied.changes} == {"added"}


def test_before_files_the_table_may_be_one_of_ours(tmp_path: Path) -> None:
    home_with(tmp_path, 'profile = "router"\n')
    ours = CONFIG + '[profiles.router]\nmodel = "o3"\n'

    apply_files(tmp_path, {"config.toml": ours}, profiles_are_files=False)

    assert (tmp_path / "config.toml").read_text().startswith('profile = "router"\n')


@pytest.mark.parametrize(
    ("files", "text", "why"),
    [
        (False, 'profile = "gone"\n', r"there is no \[profiles.gone\]"),
        (True, 'profile = "gone"\n', "a profile is a file, chosen by -p"),
        (True, SELECTED, "a profile is a file, chosen by -p"),
    ],
)
def test_a_profile_that_keeps_codex_from_starting_is_removed_by_force_only(
    tmp_path: Path,
    files: bool,  # noqa: FBT001
    text: str,
    why: str,
) -> None:
    home_with(tmp_path, text)
    before = tree(tmp_path)

    with pytest.raises(RefusedError, match=rf":1:1: profile is .*, and would be removed: .*{why}"):
        apply_files(tmp_path, FILES, profiles_are_files=files)
    apply_files(tmp_path, FILES, force=True, profiles_are_files=files)

    assert "profile" not in tomllib.loads((tmp_path / "config.toml").read_text())
    assert apply_files(tmp_path, FILES, profiles_are_files=files).files == ()
    undo(tmp_path)
    assert tree(tmp_path) == before


def test_it_is_refused_in_a_profile_file_too(tmp_path: Path) -> None:
    (tmp_path / "router.config.toml").write_text('profile = "x"\n')

    with pytest.raises(RefusedError, match=r"router.config.toml:1:1: profile is"):
        apply_files(tmp_path, {**FILES, "router.config.toml": 'model = "o3"\n'})


def test_a_profile_comes_back_when_nothing_of_ours_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "router.config.toml").write_text('profile = "x"\n')
    apply_files(tmp_path, {**FILES, "router.config.toml": 'model = "o3"\n'}, force=True)

    apply_files(tmp_path, FILES)

    assert (tmp_path / "router.config.toml").read_text() == 'profile = "x"\n'
