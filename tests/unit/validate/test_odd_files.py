"""Whatever lies in a template folder: a verdict about it, one about its neighbours, and no wait.

Each case runs in a process of its own, which is killed when it hangs.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.cache.entry import MAX_BYTES
from tests.support.command import ROOT

KILL_AFTER = 120
_CHECK = """
import json, sys
from pathlib import Path
from provisioner.errors import InputError
from provisioner.validate.run import validate
try:
    found = validate([Path(name) for name in sys.argv[1:]]).findings
except InputError as error:
    print(json.dumps(str(error)))
else:
    print(json.dumps([[f.path, f.code, f.severity, f.message, f.span.start.line, f.span.start.column] for f in found]))
"""
NEIGHBOUR = "neighbour.tf:1:10: PRV001"


def checked(folder: Path, *names: str) -> list[str]:
    """Check the folder in another process; return `path:line:column: code message`."""
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, *(names or ["."])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=KILL_AFTER,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    if isinstance(found, str):
        return [found]
    return [f"{path}:{line}:{column}: {code} {text}" for path, code, _, text, line, column in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "neighbour.tf").write_text("locals {}}\n", encoding="utf-8")
    return tmp_path


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "a pipe, a socket or a device"),
        (lambda path: path.symlink_to("/dev/zero"), "a pipe, a socket or a device"),
        (lambda path: path.symlink_to("/dev/tty"), "PRV001"),
        (_socket, "PRV001"),
        (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("."), "Is a directory"),
        (lambda path: path.symlink_to("nowhere"), "No such file"),
        (lambda path: path.symlink_to("/proc/self/mem"), "PRV001"),
    ],
    ids=["pipe", "endless", "terminal", "socket", "loop", "folder", "nowhere", "unreadable"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="makes Linux's kinds of files")
def test_what_is_no_file_is_a_finding(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], words: str
) -> None:
    monkeypatch.chdir(folder)
    make(folder / "odd.tf")

    neighbour, odd = checked(folder)  # Findings come sorted by their path.

    assert neighbour.startswith(NEIGHBOUR)
    assert odd.startswith("odd.tf:1:1: PRV001 this file cannot be read: ")
    assert words in odd


def test_a_folder_named_like_a_file_is_a_folder(folder: Path) -> None:
    (folder / "sub.tf").mkdir()
    (folder / "sub.tf" / "main.tf").write_text("a = 'b'\n", encoding="utf-8")

    neighbour, inside = checked(folder)

    assert neighbour.startswith(NEIGHBOUR)
    assert inside.startswith("sub.tf/main.tf:1:5: PRV001")


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    (folder / "again").symlink_to(".")

    (neighbour,) = checked(folder)

    assert neighbour.startswith(NEIGHBOUR)


def test_a_missing_file_that_was_named_ends_the_run(folder: Path) -> None:
    assert checked(folder, "missing.tf") == ['there is no file or folder "missing.tf"']


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a = 1\0\n", "1:6"),
        (b'locals {\n  a = "\xe9"\n}\n', "2:8"),
        ("a = 1\n".encode("utf-16"), "1:1"),
        ("a = 1\n".encode("utf-16-be"), "1:1"),
        (b"a = 1\rb = 2\r", "1:6"),
        (b'a = "' + b"${" * 3000, "1:6"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "1:156"),
        (b'a = "${b', "1:6"),
        (b"\xff" * 100_000, "1:1"),
        (b"locals {\n" + b"  a = 1\n" * 20_000 + b"}\n", "3:3"),
        (b'a = "' + "\U0001f1e6".encode() * 50_000 + b'\\q"\n', "1:50006"),
        (b'a = "' + "é\\q".encode() * 5000 + b'"\n', "1:7"),
        (b"# c\n" * 100_000 + b"a = '\n", "100001:5"),
        (b"locals {\n  a = <<-E\n" + b"  b\n" * 20_000 + b"  E\n  c = '\n}\n", "20004:7"),
        (b'a = "' + b"$" * 100_000 + b"'\n", "2:1"),
    ],
    ids=range(15),
)
def test_a_malformed_file_is_a_finding_at_its_place(folder: Path, data: bytes, place: str) -> None:
    (folder / "odd.tf").write_bytes(data)

    found = checked(folder)

    assert any(line.startswith(NEIGHBOUR) for line in found)
    places = [line for line in found if " PRV001 " in line]
    assert places
    assert any(line.startswith(f"odd.tf:{place}:") for line in places), places[:3]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbflocals {}\n",
        b"locals {\r\n  a = <<-E\r\n    b\r\n  E\r\n}\r\n",
        b"locals {\n" + b"".join(b'  a%d = "b"\n' % n for n in range(20_000)) + b"}\n",
        b"locals {\n  a = " + b'"${<<E\n' * 40 + b"1" + b'\nE\n}"' * 40 + b"\n}\n",
    ],
    ids=["bom", "crlf", "many", "heredocs"],
)
def test_an_unusual_file_is_right(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "main.tf").write_bytes(data)

    assert checked(tmp_path) == []


def test_what_is_right_and_not_understood_is_said(tmp_path: Path) -> None:
    data = b"locals {\n  a = " + b'"${' * 100 + b"1" + b'}"' * 100 + b"\n}\n"
    (tmp_path / "main.tf").write_bytes(data)

    (note,) = checked(tmp_path)

    assert note.startswith("main.tf:1:1: PRV001 a part of this file is not understood")


def test_a_long_file_is_checked_for_syntax_and_says_so(folder: Path) -> None:
    line = b'  { name = "n", values = [1, 2, 3] },\n'
    (folder / "long.tf").write_bytes(b"locals {\n  a = [\n" + line * 30_000 + b"  ]\n  b = '\n}\n")

    note, error, _ = checked(folder)

    assert "only its syntax was checked" in note
    assert error.startswith("long.tf:30004:7: PRV001")


def test_a_dense_file_is_checked_for_syntax_and_says_so(folder: Path) -> None:
    (folder / "dense.tf").write_bytes(b"locals {\n  a = [" + b"{}," * 100_000 + b"]\n  b = '\n}\n")

    note, error, _ = checked(folder)

    assert "only its syntax was checked" in note
    assert error.startswith("dense.tf:3:7: PRV001")


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with (folder / "huge.tf").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    huge, neighbour = checked(folder)

    assert "more than 64,000,000 bytes" in huge
    assert neighbour.startswith(NEIGHBOUR)
