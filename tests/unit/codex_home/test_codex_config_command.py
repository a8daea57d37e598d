"""`provisioner codex config`: what it prints can be used as config.toml, and it can write files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from tests.support.command import ROOT, provisioner

SPEC = ("codex", "config", ROOT / "examples" / "auto-ai-router.toml")


def test_what_is_printed_is_the_config_and_nothing_else(tmp_path: Path) -> None:
    printed = provisioner(*SPEC, cwd=tmp_path).stdout

    files = json.loads(provisioner(*SPEC, "--format", "json", cwd=tmp_path).stdout)["files"]
    assert len(files) > 1
    assert tomllib.loads(printed) == tomllib.loads(files["config.toml"])
    for name, text in files.items():
        assert f"# ~/.codex/{name}" in printed
        if name != "config.toml":
            assert "".join(f"# {line}\n" for line in text.splitlines()) in printed


def test_files_are_written_into_a_folder_and_never_over_others(tmp_path: Path) -> None:
    home = tmp_path / "codex"
    files = json.loads(provisioner(*SPEC, "--format", "json", cwd=tmp_path).stdout)["files"]

    done = provisioner(*SPEC, "--output-dir", home, cwd=tmp_path)
    again = provisioner(*SPEC, "--output-dir", home, cwd=tmp_path)

    assert done.stdout.splitlines() == [f"wrote {home / name}" for name in files]
    assert again.returncode == 0
    assert {path.name: path.read_text() for path in home.iterdir()} == files
    (home / "config.toml").write_text("# mine\n")
    refused = provisioner(*SPEC, "--output-dir", home, cwd=tmp_path)
    assert refused.returncode == 2
    assert f"{home}/config.toml is there and differs" in refused.stderr
    assert (home / "config.toml").read_text() == "# mine\n"
