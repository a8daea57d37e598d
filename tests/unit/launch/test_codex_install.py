"""Installing Codex: one install for many callers, nothing left behind by a failure."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from provisioner.errors import InputError, MissingToolError, OutputError
from provisioner.launch.codex_install import (
    codex_cache,
    install_codex,
    installed_codex,
    installed_versions,
)


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm that makes a launcher, counts its calls and fails for version 0.0.0."""
    folder = tmp_path / "bin"
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(
        "#!/bin/sh\n"
        f"echo call >> {tmp_path}/calls\n"
        'for last in "$@"; do :; done\n'
        'case "$last" in *@0.0.0) echo "404 no such version" >&2; exit 1;; esac\n'
        'mkdir -p "$3/node_modules/.bin" && cd "$3/node_modules/.bin"\n'
        'version="${last##*@}"\n'
        'case "$version" in 0.1.1) version=nothing;; esac\n'
        'printf "#!/bin/sh\\necho codex-cli %s\\n" "$version" > codex && chmod +x codex\n'
    )
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    (folder / "node").write_text("#!/bin/sh\n")
    (folder / "node").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "calls"


def test_many_callers_install_once(fake_npm: Path) -> None:
    threads = [threading.Thread(target=install_codex, args=("0.169.0",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert fake_npm.read_text() == "call\n"
    assert installed_codex("0.169.0") == codex_cache() / "0.169.0/node_modules/.bin/codex"


@pytest.mark.usefixtures("fake_npm")
def test_a_version_npm_does_not_have_leaves_nothing_behind() -> None:
    with pytest.raises(InputError, match="404 no such version"):
        install_codex("0.0.0")

    assert [path.name for path in codex_cache().iterdir()] == [".0.0.0.lock"]


@pytest.mark.usefixtures("fake_npm")
def test_an_install_that_does_not_run_is_not_kept() -> None:
    with pytest.raises(OutputError, match="incompletely"):
        install_codex("0.1.1")

    assert installed_codex("0.1.1") is None


def test_without_npm_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(MissingToolError, match=r"install Node\.js"):
        install_codex("0.169.0")


@pytest.mark.parametrize("version", ["latest", "../../x", "", "0.169.0; rm -rf /"])
def test_what_is_no_version_never_reaches_npm(version: str) -> None:
    with pytest.raises(InputError, match="is not a version"):
        install_codex(version)


def test_codex_is_in_the_cache_folder_of_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # Which does not count.

    assert codex_cache() == tmp_path / ".cache" / "provisioner" / "codex"


@pytest.mark.usefixtures("fake_npm")
def test_without_a_home_nothing_is_installed_or_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "relative")

    assert list(installed_versions()) == []
    assert installed_codex("0.169.0") is None
    with pytest.raises(OutputError, match="set HOME or XDG_CACHE_HOME"):
        install_codex("0.169.0")
