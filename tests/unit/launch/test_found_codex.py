"""Which Codex is run, and what is said of one that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError, MissingToolError
from provisioner.launch.codex_install import codex_cache
from provisioner.launch.found_codex import find_codex
from tests.support.fake_codex import fake_codex


@pytest.fixture(autouse=True)
def no_codex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/bin:/usr/bin")


def cached(version: str) -> Path:
    return fake_codex(codex_cache() / version / "node_modules" / ".bin", version=version)


def test_a_given_file_is_asked_for_its_version(tmp_path: Path) -> None:
    found = find_codex(path=fake_codex(tmp_path / "bin", version="0.134.0"))

    assert (str(found.version), found.origin) == ("0.134.0", "as given")


def test_a_file_of_the_current_folder_is_not_looked_up_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = fake_codex(tmp_path / "here", version="0.134.0")
    other = fake_codex(tmp_path / "bin", version="0.169.0")
    monkeypatch.setenv("PATH", f"{other.parent}:/bin")
    monkeypatch.chdir(here.parent)

    found = find_codex(path=Path("./codex"))

    assert (found.path, str(found.version)) == (here, "0.134.0")


def test_path_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("0.169.0")
    monkeypatch.setenv("PATH", f"{fake_codex(tmp_path / 'bin', version='0.140.0').parent}:/bin")

    assert str(find_codex().version) == "0.140.0"


def test_the_cache_gives_the_spec_target_or_the_newest() -> None:
    for version in ("0.99.0", "0.134.0", "0.169.0"):
        cached(version)
    (codex_cache() / "not-a-version").mkdir()

    assert str(find_codex(preferred="0.134.0").version) == "0.134.0"
    assert str(find_codex(preferred="0.150.0").version) == "0.169.0"
    assert str(find_codex("0.99.0").version) == "0.99.0"


def test_without_any_codex_the_error_says_how_to_get_one() -> None:
    with pytest.raises(MissingToolError, match=r"not on PATH; `--codex VERSION` installs one"):
        find_codex()


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="is not a version"):
        find_codex("newest")


def test_a_program_that_is_not_codex_is_named(tmp_path: Path) -> None:
    other = tmp_path / "codex"
    other.write_text("#!/bin/sh\nprintf '\\033[31mno such option\\n'; exit 3\n")
    other.chmod(0o755)

    with pytest.raises(MissingToolError, match=r"is not a Codex that works: .*no such option") as e:
        find_codex(path=other)
    assert "\x1b" not in str(e.value)
    with pytest.raises(MissingToolError, match="cannot run"):
        find_codex(path=tmp_path / "nowhere")
