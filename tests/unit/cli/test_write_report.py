"""Where a report goes: standard output, a terminal in colour, or a file of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.cli.output_file import write_file
from provisioner.errors import InputError, OutputError
from tests.support.command import provisioner
from tests.support.tree import read_tree, write_tree

BAD = 'model_provider = "router"\n'
COLOUR = "\x1b["


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {"sub/config.toml": BAD, "sub/good/config.toml": "\n"})


def test_the_report_goes_to_the_file_and_its_number_to_the_output(folder: Path) -> None:
    done = provisioner(
        "validate", "sub/config.toml", "--format", "json", "-o", "out.json", cwd=folder
    )

    text = (folder / "out.json").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (1, "1 error in 1 file\n", "")
    assert json.loads(text)["findings"][0]["code"] == "PRV503"
    assert text.endswith("}\n")
    assert sorted(read_tree(folder)) == ["out.json", "sub/config.toml", "sub/good/config.toml"]


def test_an_empty_report_is_an_empty_file(folder: Path) -> None:
    (folder / "out").write_text("old")
    done = provisioner(
        "validate", "sub/good/config.toml", "--format", "concise", "-o", "out", cwd=folder
    )

    assert (done.returncode, done.stdout) == (0, "clean: 1 file checked\n")
    assert (folder / "out").read_bytes() == b""


def test_codex_check_says_what_codex_sends_in_the_file_and_here(folder: Path) -> None:
    arguments = ("codex", "check", "--codex-home", "sub", "--format", "json")
    done = provisioner(*arguments, "-o", "out.json", cwd=folder)

    said = done.stdout.splitlines()
    assert "sends" in json.loads((folder / "out.json").read_text())
    assert said[0].startswith("1 error")
    assert said[-1].startswith("Codex ")
    assert json.loads(provisioner(*arguments, cwd=folder).stdout)["findings"]


def test_a_file_that_was_checked_is_not_written_over(folder: Path) -> None:
    (folder / "alias").symlink_to(folder / "sub")
    done = provisioner("validate", "sub/config.toml", "-o", "alias/config.toml", cwd=folder)

    assert done.returncode == 2
    assert done.stderr == 'error: "alias/config.toml" is one of the files that were checked\n'
    assert (folder / "sub/config.toml").read_text() == BAD


def test_only_a_regular_file_is_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("link", "dangling", "folder", "pipe"):
        with pytest.raises(InputError) as raised:
            write_file(tmp_path / name, "new")
        assert "is not a regular file" in str(raised.value)
    assert kept.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dangling",
        "folder",
        "kept",
        "link",
        "pipe",
    ]


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "usual").touch()
    write_file(tmp_path / "old", "né\n")
    write_file(tmp_path / "new", "x")

    assert (tmp_path / "old").read_bytes() == "né\n".encode()
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as raised:
        write_file(tmp_path / "no/out", "x")

    assert str(raised.value) == f"cannot write {tmp_path}/no/out: No such file or directory"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "", "TERM": "xterm"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_colour_is_asked_for_or_left_out(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    *,
    is_coloured: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    done = provisioner("validate", "sub/config.toml", cwd=folder)
    written = provisioner("validate", "sub/config.toml", "-o", "out", cwd=folder)

    assert (COLOUR in done.stdout) == is_coloured
    assert COLOUR not in written.stdout
    assert COLOUR not in (folder / "out").read_text()


@pytest.mark.parametrize(("term", "is_coloured"), [("xterm", True), ("dumb", False)])
def test_a_terminal_gets_colour(folder: Path, term: str, *, is_coloured: bool) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "provisioner", "validate", "sub/config.toml"]
    done = subprocess.Popen(command, cwd=folder, stdout=theirs, env={**os.environ, "TERM": term})
    os.close(theirs)
    shown = os.read(ours, 1 << 16)
    assert done.wait(timeout=180) == 1
    os.close(ours)

    assert b"PRV503" in shown
    assert (COLOUR.encode() in shown) == is_coloured


@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"])
def test_paths_for_a_code_host_start_at_its_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    arguments = ("validate", "config.toml", "--format", "gitlab")
    monkeypatch.setenv("GITHUB_WORKSPACE", "/somewhere/else")
    outside = json.loads(provisioner(*arguments, cwd=folder / "sub").stdout)
    monkeypatch.setenv(name, str(folder))
    inside = json.loads(provisioner(*arguments, cwd=folder / "sub").stdout)

    assert outside[0]["location"]["path"] == "config.toml"
    assert inside[0]["location"]["path"] == "sub/config.toml"


def test_a_path_that_is_no_text_does_not_break_a_report(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.toml")
    (folder / name).write_text(BAD)

    for format_name in ("text", "json", "junit"):
        done = subprocess.run(
            [sys.executable, "-m", "provisioner", "validate", name, "--format", format_name],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert done.stdout.decode()
