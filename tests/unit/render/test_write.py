"""A folder is written whole or not at all, and never over somebody's change."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from provisioner.errors import InputError, OutputError
from provisioner.render.write import MANIFEST, differences, write_folder
from tests.support.tree import read_tree, write_tree

_FILES = {"main.tf": b"one\n", "sub/codex.tf": b"two\n"}


def test_a_new_folder_appears_with_all_files_and_nothing_beside_it(tmp_path: Path) -> None:
    changed = write_folder(tmp_path / "out", _FILES)

    assert changed == ("main.tf", "sub/codex.tf")
    assert read_tree(tmp_path / "out").keys() == {"main.tf", "sub/codex.tf", MANIFEST}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", _FILES)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}

    assert write_folder(tmp_path / "out", _FILES) == ()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_files_of_the_user_stay_and_stale_files_go(tmp_path: Path) -> None:
    write_folder(tmp_path, _FILES)
    write_tree(tmp_path, {"extra.tf": "mine\n"})

    changed = write_folder(tmp_path, {"main.tf": b"new\n"})

    assert changed == ("main.tf", "sub/codex.tf")
    tree = read_tree(tmp_path)
    assert (tree["main.tf"], tree["extra.tf"]) == ("new\n", "mine\n")
    assert "sub/codex.tf" not in tree


def test_folders_that_held_nothing_but_stale_files_go_too(tmp_path: Path) -> None:
    files = {"main.tf": b"", "modules/codex/main.tf": b"", "modules/codex/scripts/a.sh": b""}
    write_folder(tmp_path, files)
    write_tree(tmp_path, {"modules/mine/main.tf": "mine\n"})

    write_folder(tmp_path, {"main.tf": b""})

    assert sorted(path.name for path in (tmp_path / "modules").iterdir()) == ["mine"]
    assert {path.name for path in tmp_path.iterdir()} == {"main.tf", "modules", MANIFEST}


@pytest.mark.parametrize("rendered_before", [True, False])
def test_a_file_that_is_not_ours_is_not_overwritten(tmp_path: Path, rendered_before: bool) -> None:  # noqa: FBT001
    if rendered_before:
        write_folder(tmp_path, _FILES)
    write_tree(tmp_path, {"main.tf": "mine\n"})
    before = read_tree(tmp_path)

    with pytest.raises(InputError, match=r"main\.tf was .*--force"):
        write_folder(tmp_path, {"main.tf": b"new\n", "sub/codex.tf": b"new\n"})

    assert read_tree(tmp_path) == before
    write_folder(tmp_path, {"main.tf": b"new\n"}, force=True)
    assert read_tree(tmp_path)["main.tf"] == "new\n"


def test_an_output_that_is_a_file_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    with pytest.raises(OutputError, match="cannot write"):
        write_folder(tmp_path / "out", _FILES)

    assert read_tree(tmp_path) == {"out": "mine"}


def test_a_failure_half_way_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, _FILES)
    before = read_tree(tmp_path)
    written = []

    def full_disk(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OutputError, match="No space left on device"):
        write_folder(tmp_path, {"main.tf": b"new\n", "sub/codex.tf": b"new\n"})

    assert read_tree(tmp_path) == before


def test_differences_name_what_check_must_report(tmp_path: Path) -> None:
    write_folder(tmp_path, _FILES)
    write_tree(tmp_path, {"main.tf": "edited\n"})

    assert differences(tmp_path, _FILES) == ("main.tf",)
    assert differences(tmp_path / "absent", _FILES) == ("main.tf", "sub/codex.tf")


@pytest.mark.parametrize("content", ["{", "[]", '{"files": 3}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    write_tree(tmp_path, {MANIFEST: content})

    with pytest.raises(InputError, match=r"\.provisioner\.json is damaged"):
        write_folder(tmp_path, _FILES)


def test_a_manifest_cannot_reach_outside_the_folder(tmp_path: Path) -> None:
    victim = write_tree(tmp_path, {"victim": "x"}) / "victim"
    manifest = {"version": 1, "files": {"../victim": "0"}}
    write_tree(tmp_path / "out", {MANIFEST: json.dumps(manifest)})

    with pytest.raises(InputError, match="outside the folder"):
        write_folder(tmp_path / "out", _FILES, force=True)

    assert victim.read_text() == "x"


def test_a_manifest_cannot_reach_through_a_link(tmp_path: Path) -> None:
    victim = write_tree(tmp_path / "elsewhere", {"victim": "x"}) / "victim"
    manifest = {"version": 1, "files": {"sub/victim": "0"}}
    write_tree(tmp_path / "out", {MANIFEST: json.dumps(manifest)})
    (tmp_path / "out" / "sub").symlink_to(victim.parent)

    with pytest.raises(InputError, match="outside the folder"):
        write_folder(tmp_path / "out", _FILES, force=True)

    assert victim.read_text() == "x"


def test_a_rename_that_fails_half_way_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, _FILES, executable={"main.tf"})
    before = read_tree(tmp_path)
    real, done = Path.replace, []

    def failing(self: Path, target: Path) -> Path:
        done.append(target)
        if len(done) == 2:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputError, match="Input/output error"):
        write_folder(tmp_path, {"main.tf": b"new\n", "sub/codex.tf": b"new\n"})

    assert read_tree(tmp_path) == before
    assert (tmp_path / "main.tf").stat().st_mode & 0o777 == 0o755


def test_nothing_is_staged_outside_an_existing_folder(tmp_path: Path) -> None:
    """The folder may be a mount of its own, and its parent may be closed to us."""
    out = tmp_path / "parent" / "out"
    out.mkdir(parents=True)
    before = out.parent.stat().st_mtime_ns

    write_folder(out, _FILES)

    assert out.parent.stat().st_mtime_ns == before
    assert not list(out.glob(".provisioner-*"))
