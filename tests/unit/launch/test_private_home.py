"""A private home holds what it was given, for its owner only, and nothing leaks into it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from provisioner.launch.private_home import PrivateHome
from provisioner.redact import Secret


def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    home = PrivateHome(tmp_path / "home")

    home.write({"config.toml": "a = 1\n", "auth.json": "{}"})

    assert stat.S_IMODE(home.codex_home.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.codex_home.iterdir()}
    assert modes == {"config.toml": 0o600, "auth.json": 0o600}
    assert (home.codex_home / "config.toml").read_text() == "a = 1\n"


def test_the_environment_holds_what_is_given_and_no_credential_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "must-not-leak")
    home = PrivateHome(tmp_path / "home")

    environment = home.environment({"CODER_API_TOKEN": Secret("token")})

    assert "must-not-leak" not in environment.values()
    assert environment["HOME"] == str(tmp_path / "home")
    assert environment["CODEX_HOME"] == str(home.codex_home)
    assert environment["CODER_API_TOKEN"] == "token"
    assert "PATH" in environment
