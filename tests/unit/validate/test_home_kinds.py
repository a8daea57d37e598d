"""What has the name of a config and is no file: Codex 0.169 stops at it, unless it leads nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.validate.check_home import CodexCheckResult, check_codex_home


def checked(home: Path, profile: str | None = None) -> CodexCheckResult:
    return check_codex_home(home, codex_version="0.169.0", profile=profile, environment={})


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_codex_does_not_start(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "config.toml")
    result = checked(tmp_path)

    assert [item.code for item in result.findings if item.code != "PRV102"] == ["PRV001"]
    assert "will not start" in result.outcome.sentence


def test_only_the_selected_profile_stops_it(tmp_path: Path) -> None:
    (tmp_path / "w.config.toml").mkdir()

    assert "will send" in checked(tmp_path).outcome.sentence
    assert "will not start" in checked(tmp_path, "w").outcome.sentence


def test_a_link_that_leads_nowhere_is_no_config(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to("nowhere")

    assert "will send" in checked(tmp_path).outcome.sentence
