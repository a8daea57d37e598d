"""What apply does to files: bytes, modes, links; what it refuses; and what a later one may change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from provisioner.codex_home.apply import apply_files
from provisioner.codex_home.model import RefusedError
from provisioner.codex_home.undo import undo
from provisioner.errors import InputError, OutputError
from tests.unit.codex_home.homes import CONFIG, FILES, times, tree

MODEL = {"config.toml": 'model = "new"\n'}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_files_and_the_state_are_for_their_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "codex"

    applied = apply_files(home, FILES)

    assert applied.files == ("config.toml", "router.config.toml")
    assert {name: (home / name).read_text() for name in FILES} == FILES
    assert {mode(home / name) for name in FILES} == {0o600}
    assert mode(home) == mode(tmp_path / "new") == 0o700
    for path in [home / ".provisioner", *(home / ".provisioner").rglob("*")]:
        assert mode(path) == (0o700 if path.is_dir() else 0o600)
    undo(home)
    assert tree(tmp_path) == {}


def test_folders_that_are_used_by_then_stay(tmp_path: Path) -> None:
    home = tmp_path / "new" / "codex"
    apply_files(home, FILES)
    (home / "auth.json").write_text("{}")

    undo(home)

    assert sorted(tree(tmp_path)) == ["new", "new/codex", "new/codex/auth.json"]


@pytest.mark.parametrize("bits", [0o644, 0o666, 0o755])
def test_a_file_stays_as_open_as_it_is(tmp_path: Path, bits: int) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    config.chmod(bits)

    apply_files(tmp_path, FILES)
    assert mode(config) == bits
    undo(tmp_path)
    assert mode(config) == bits


@pytest.mark.parametrize("bits", [0o600, 0o644, 0o400])
def test_a_file_keeps_its_mode(tmp_path: Path, bits: int) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    config.chmod(bits)
    before = tree(tmp_path)

    apply_files(tmp_path, FILES)
    assert mode(config) == bits
    config.chmod(0o640)
    undo(tmp_path)

    assert tree(tmp_path) == before


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    home, dotfile = tmp_path / "codex", tmp_path / "dotfiles" / "codex.toml"
    dotfile.parent.mkdir()
    dotfile.write_text("a = 1\n")
    home.mkdir()
    (home / "link").symlink_to("../dotfiles/codex.toml")
    (home / "config.toml").symlink_to("link")
    before = tree(tmp_path)

    apply_files(home, MODEL)
    assert dotfile.read_text() == 'a = 1\nmodel = "new"\n'
    assert (home / "config.toml").readlink() == Path("link")
    assert [path.name for path in dotfile.parent.iterdir()] == ["codex.toml"]
    undo(home)

    assert tree(tmp_path) == before


def test_a_byte_order_mark_and_a_missing_end_of_line_stay(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"\xef\xbb\xbfa = 1\r\n[tui]\r\nx = 1 # \xc3\xa9")

    apply_files(tmp_path, MODEL)

    assert config.read_bytes() == (
        b'\xef\xbb\xbfa = 1\r\nmodel = "new"\r\n[tui]\r\nx = 1 # \xc3\xa9'
    )


def test_applying_again_changes_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("# mine\n[tui]\n")
    apply_files(tmp_path, FILES)
    before = tree(tmp_path), times(tmp_path)

    applied = apply_files(tmp_path, FILES)

    assert (applied.files, applied.changes, applied.diff) == ((), (), "")
    assert (tree(tmp_path), times(tmp_path)) == before


def test_a_home_that_has_it_all_gets_no_state(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"# mine\n{CONFIG}")
    before = tree(tmp_path), times(tmp_path)

    assert apply_files(tmp_path, {"config.toml": CONFIG}).files == ()
    assert (tree(tmp_path), times(tmp_path)) == before


def test_a_dry_run_shows_the_diff_and_touches_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("a = 1\n")
    before = tree(tmp_path), times(tmp_path)

    applied = apply_files(tmp_path, {**MODEL, "x.config.toml": "b = 1\n"}, dry_run=True)

    assert (tree(tmp_path), times(tmp_path)) == before
    assert applied.diff == (
        "--- config.toml\n+++ config.toml\n@@ -1,0 +2 @@\n"
        '+model = "new"\n--- x.config.toml\n+++ x.config.toml\n@@ -0,0 +1 @@\n+b = 1\n'
    )
    assert apply_files(tmp_path / "none", FILES, dry_run=True).files == tuple(FILES)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = 1\nb = \n", r"config.toml:2:5: this is not TOML: Invalid value; correct it first"),
        (b"a = 1\na = 2\n", r"config.toml:2:6: this is not TOML: Cannot overwrite a value"),
        (b"a = 1\nb = '\xff'\n", r"config.toml:2: this is not UTF-8"),
        (b"a = " + b"[" * 9000, r"config.toml: this TOML cannot be edited"),
        (b"a = " + b"1" * 5000, r"config.toml: this TOML cannot be edited"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    before = tree(tmp_path), times(tmp_path)

    with pytest.raises(InputError, match=words):
        apply_files(tmp_path, FILES, force=True)
    assert (tree(tmp_path), times(tmp_path)) == before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is not a file"),
        (os.mkfifo, "is not a file"),
        (lambda path: path.symlink_to("nowhere"), "is a link to nowhere"),
        (lambda path: path.symlink_to(path.name), "cannot read|nowhere"),
        (lambda path: path.symlink_to("router.config.toml"), "are the same file"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, make: object, words: str) -> None:
    (tmp_path / "router.config.toml").write_text("")
    assert callable(make)
    make(tmp_path / "config.toml")
    before = tree(tmp_path)

    with pytest.raises(InputError, match=words):
        apply_files(tmp_path, FILES)
    assert tree(tmp_path) == before


def test_the_home_has_to_be_a_folder_and_the_names_those_of_codex(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "link"):
        with pytest.raises(InputError, match="is not a folder"):
            apply_files(tmp_path / name, FILES)
    for name in ("../config.toml", "auth.json", "a/b.config.toml", ".config.toml"):
        with pytest.raises(InputError, match="is no config file of Codex"):
            apply_files(tmp_path, {name: ""})


def test_the_state_folder_may_not_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "codex").mkdir()
    (tmp_path / "codex" / ".provisioner").symlink_to(tmp_path)
    before = tree(tmp_path)

    with pytest.raises(InputError, match="is a link"):
        apply_files(tmp_path / "codex", FILES)
    assert tree(tmp_path) == before


def test_a_folder_that_may_not_be_written_is_said_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    before = tree(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(OutputError, match=f"cannot write into {tmp_path}"):
        apply_files(tmp_path, FILES)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("call", range(1, 6))
def test_a_write_that_fails_before_the_journal_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    (tmp_path / "router.config.toml").write_text("# mine\n")
    before = tree(tmp_path)
    calls = iter(range(1, 100))
    sync = os.fsync

    def full(descriptor: int) -> None:
        if next(calls) == call:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        apply_files(tmp_path, FILES)
    assert tree(tmp_path) == before


def test_a_write_that_fails_later_is_completed_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("a = 1\n")
    before = tree(tmp_path)
    replace = os.replace

    def stuck(source: Path, target: Path) -> None:
        if target.name == "router.config.toml":
            raise PermissionError(1, "Operation not permitted", str(target))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stuck)
        with pytest.raises(OutputError, match="apply and undo complete what was begun"):
            apply_files(tmp_path, FILES)
    assert not (tmp_path / "router.config.toml").exists()

    assert apply_files(tmp_path, FILES).files == ()
    assert (tmp_path / "router.config.toml").read_text() == FILES["router.config.toml"]
    undo(tmp_path)
    assert tree(tmp_path) == before


def test_conflicts_of_all_files_are_listed_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[tui]\n[model_providers.ai_gateway]\nname = 'x'\n")
    (tmp_path / "router.config.toml").write_text("\nmodel_provider = 'openai'\n")
    before = tree(tmp_path)

    with pytest.raises(RefusedError) as refused:
        apply_files(tmp_path, FILES)

    assert tree(tmp_path) == before
    lines = str(refused.value).splitlines()
    assert lines[0] == "nothing was changed, because this is not ours:"
    assert lines[1].startswith(f"  {tmp_path}/config.toml:2:1: [model_providers.ai_gateway] is not")
    assert lines[5:] == [
        f"  {tmp_path}/config.toml:3:1: model_providers.ai_gateway.name is 'x', and would become \"Coder AI Gateway\"",
        f"  {tmp_path}/router.config.toml:2:1: model_provider is 'openai', and would become \"ai_gateway\"",
        "move your settings away, or use --force: they are backed up, and undo restores them",
    ]
    assert refused.value.exit_code == 1

    changes = apply_files(tmp_path, FILES, force=True).changes
    assert [(change.file, change.key, change.old) for change in changes if change.old] == [
        ("config.toml", "model_providers.ai_gateway.name", "'x'"),
        ("router.config.toml", "model_provider", "'openai'"),
    ]
    undo(tmp_path)
    assert tree(tmp_path) == before
