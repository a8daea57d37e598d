"""An entry is given back for as long as all that was seen is as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.cache.entry import file_state, folder_state, recall_entry, remember_entry
from provisioner.cache.store import cache_folder, digest, recall, remember


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.tf").write_text("a", encoding="utf-8")
    return folder


def kept(folder: Path, name: str = "a.tf") -> dict[tuple[str, str], str]:
    path = str(folder / name)
    seen = {("file", path): file_state(path), ("folder", str(folder)): folder_state(str(folder))}
    remember_entry("room", "key", seen, b"first\n\nsecond")
    return seen


def test_what_was_kept_comes_back_whole(folder: Path) -> None:
    seen = kept(folder)

    assert recall_entry("room", "key") == (b"first\n\nsecond", seen)
    assert recall_entry("room", "other") is None


def test_an_entry_that_saw_nothing_comes_back() -> None:
    remember_entry("room", "key", {}, b"\n\npayload")

    assert recall_entry("room", "key") == (b"\n\npayload", {})


@pytest.mark.parametrize("payload", [b"", b"\n", b"\xff\x00", b"a\tb\nc"])
def test_any_bytes_come_back(folder: Path, payload: bytes) -> None:
    seen = {("file", str(folder / "a.tf")): file_state(str(folder / "a.tf"))}
    remember_entry("room", "key", seen, payload)

    assert recall_entry("room", "key") == (payload, seen)


def test_a_file_with_new_content_is_seen_whatever_its_time(folder: Path) -> None:
    kept(folder)
    facts = (folder / "a.tf").stat()
    (folder / "a.tf").write_text("b", encoding="utf-8")
    os.utime(folder / "a.tf", ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert recall_entry("room", "key") is None


def test_a_file_with_a_new_time_is_the_same(folder: Path) -> None:
    kept(folder)
    os.utime(folder / "a.tf", (1, 1))

    assert recall_entry("room", "key") is not None


@pytest.mark.parametrize("name", ["b.tf", ".hidden", "sub"])
def test_a_new_name_is_seen(folder: Path, name: str) -> None:
    kept(folder)
    (folder / name).mkdir()

    assert recall_entry("room", "key") is None


def test_a_file_that_becomes_a_folder_is_seen(folder: Path) -> None:
    kept(folder)
    (folder / "a.tf").unlink()
    (folder / "a.tf").mkdir()

    assert recall_entry("room", "key") is None


def test_what_was_not_there_may_come(folder: Path) -> None:
    kept(folder, "missing.tf")
    assert recall_entry("room", "key") is not None

    (folder / "missing.tf").write_text("", encoding="utf-8")

    assert recall_entry("room", "key") is None


@pytest.mark.skipif(os.name != "posix", reason="makes a pipe")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.tf")
    kept(folder, "pipe.tf")

    assert recall_entry("room", "key") is not None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data + b"x", lambda _: b""]
)
def test_a_damaged_entry_is_none(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    kept(folder)
    place = Path(cache_folder()) / "room" / "key"
    place.write_bytes(damage(place.read_bytes()))

    assert recall_entry("room", "key") is None


def test_a_path_that_would_break_the_format_is_not_kept(folder: Path) -> None:
    (folder / "a\tb").write_text("", encoding="utf-8")
    kept(folder, "a\tb")

    assert recall_entry("room", "key") is None


def test_nobody_else_can_read_the_cache() -> None:
    old = os.umask(0)
    try:
        remember("room", "name", b"x")
    finally:
        os.umask(old)

    place = Path(cache_folder()) / "room" / "name"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert place.parent.parent.stat().st_mode & 0o777 == 0o700


def test_a_cache_that_cannot_be_written_is_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    remember("room", "name", b"x")

    assert recall("room", "name") is None


def test_a_relative_cache_home_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == str(tmp_path / ".cache" / "provisioner")

    monkeypatch.setenv("HOME", "relative")
    monkeypatch.chdir(tmp_path)
    remember("room", "name", b"x")
    assert cache_folder() == ""
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_go_when_there_are_too_many() -> None:
    for number in range(5):
        remember("room", str(number), b"x", at_most=4)
        if number < 4:
            os.utime(Path(cache_folder()) / "room" / str(number), (number, number))

    assert {name for name in "01234" if recall("room", name)} == {"2", "3", "4"}


def test_no_two_divisions_have_one_digest() -> None:
    assert len({digest(b"ab"), digest(b"a", b"b"), digest(b"", b"ab"), digest(b"ab", b"")}) == 4
