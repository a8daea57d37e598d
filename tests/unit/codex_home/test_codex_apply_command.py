"""`provisioner codex apply` and `undo` as people and scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.cli.program import program
from tests.support.command import provisioner
from tests.unit.codex_home.homes import tree

CHATGPT = ("--flow", "chatgpt", "--gateway-url", "https://coder.example.com")


def test_apply_writes_what_config_prints_and_says_what_is_left_to_do(tmp_path: Path) -> None:
    home = tmp_path / "codex"

    done = provisioner("codex", "apply", *CHATGPT, "--codex-home", home, cwd=tmp_path)

    printed = json.loads(
        provisioner("codex", "config", *CHATGPT, "--format", "json", cwd=tmp_path).stdout
    )
    assert done.returncode == 0, done.stderr
    assert {name: (home / name).read_text() for name in printed["files"]} == printed["files"]
    lines = done.stdout.splitlines()
    assert lines[0] == f"changed {home}/config.toml"
    assert "  added model_providers.ai_gateway.requires_openai_auth = true" in lines
    assert any(line.startswith("set CODER_API_TOKEN: ") for line in lines)
    assert "leave OPENAI_API_KEY, CODEX_API_KEY unset: a key there could replace the login" in lines
    assert lines[-1] == printed["login"]

    again = provisioner("codex", "apply", *CHATGPT, "--codex-home", home, cwd=tmp_path)
    assert again.stdout.splitlines()[0] == f"nothing to change in {home}"
    undone = provisioner("codex", "undo", "--codex-home", home, cwd=tmp_path)
    assert (undone.returncode, undone.stdout) == (0, f"removed {home}/config.toml\n")
    assert tree(tmp_path) == {}
    nothing = provisioner("codex", "undo", "--codex-home", home, cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (0, f"nothing to undo in {home}\n")


def test_json_has_the_changes_and_the_setup(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("model_provider = 'openai'\n")
    options = [*CHATGPT, "--codex-home", str(tmp_path), "--format", "json"]

    facts = json.loads(provisioner("codex", "apply", *options, "--force").stdout)
    undone = json.loads(provisioner("codex", "undo", *options[4:]).stdout)

    assert facts["files"] == ["config.toml"]
    assert facts["changes"][0] == {
        "file": "config.toml",
        "key": "model_provider",
        "kind": "replaced",
        "old": "'openai'",
        "new": '"ai_gateway"',
    }
    assert facts["environment"][0]["name"] == "CODER_API_TOKEN"
    assert undone == {
        "version": 1,
        "codex_home": str(tmp_path),
        "restored": ["config.toml"],
        "removed": [],
        "by_key": [],
        "kept": [],
        "completed": [],
    }


def test_undo_says_which_edits_it_kept(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# mine\n")
    provisioner("codex", "apply", *CHATGPT, "--codex-home", tmp_path)
    edited = config.read_text().replace('name = "', 'name = "My ') + "[tui]\nx = 1\n"
    config.write_text(edited)

    undone = provisioner("codex", "undo", "--codex-home", tmp_path)

    assert undone.returncode == 0, undone.stderr
    assert undone.stdout.splitlines() == [
        f"restored our keys in {config}: it was edited since, which stays",
        "kept what was changed since: config.toml: model_providers.ai_gateway.name",
    ]


def test_a_conflict_is_exit_code_1_and_a_damaged_file_2(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("model_provider = 'openai'\n")
    conflict = provisioner("codex", "apply", *CHATGPT, "--codex-home", tmp_path)
    config.write_text("model_provider = \n")
    damaged = provisioner("codex", "apply", *CHATGPT, "--codex-home", tmp_path)

    assert (conflict.returncode, damaged.returncode) == (1, 2)
    assert f"{config}:1:1: model_provider is 'openai'" in conflict.stderr
    assert f"{config}:1:18: this is not TOML" in damaged.stderr


def test_a_conflict_is_json_too_and_shows_no_secret(tmp_path: Path) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    (tmp_path / "config.toml").write_text(
        f'[model_providers.ai_gateway]\nquery_params = {{ subscription-key = "{secret}" }}\n'
        f'[mcp_servers.x]\nargs = ["--pass", "{secret}"]\nenv = {{ MYSQL_PWD = "{secret}" }}\n'
    )
    options = [*CHATGPT, "--codex-home", str(tmp_path)]

    done = provisioner("codex", "apply", *options, "--format", "json")
    dry = provisioner("codex", "apply", *options, "--dry-run", "--force")

    facts = json.loads(done.stdout)
    assert done.returncode == 1
    assert facts["error"].startswith("nothing was changed, because this is not ours:")
    assert {
        "file": "config.toml",
        "line": 2,
        "column": 1,
        "message": 'model_providers.ai_gateway.query_params is { subscription-key = "0123...cdef" },'
        " and would be removed",
        "can_be_forced": True,
    } in facts["conflicts"]
    assert dry.returncode == 0
    for text in (done.stdout, done.stderr, dry.stdout, dry.stderr):
        assert secret not in text
        assert "--pass" not in text


@pytest.mark.parametrize("version", ["0.122.0", "0.134.0"])
def test_the_target_decides_what_a_profile_is(tmp_path: Path, version: str) -> None:
    (tmp_path / "config.toml").write_text(
        'profile = "work"\n[profiles.work]\nmodel_provider = "other"\n'
    )
    options = [*CHATGPT, "--codex-home", str(tmp_path), "--codex-version", version]

    done = provisioner("codex", "apply", *options, "--format", "json")

    [conflict] = json.loads(done.stdout)["conflicts"]
    key = "profile" if version == "0.134.0" else "profiles.work.model_provider"
    assert conflict["message"].startswith(f"{key} is ")


def test_a_dry_run_prints_the_diff_only(tmp_path: Path) -> None:
    done = provisioner("codex", "apply", *CHATGPT, "--codex-home", tmp_path, "--dry-run")

    assert done.stdout.startswith("--- config.toml\n+++ config.toml\n@@ -0,0 +1,")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("variable", ["CODEX_HOME", "HOME"])
def test_the_home_is_that_of_codex(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))

    done = provisioner("codex", "apply", *CHATGPT)

    home = tmp_path if variable == "CODEX_HOME" else tmp_path / ".codex"
    assert done.returncode == 0, done.stderr
    assert (home / "config.toml").exists()


def test_both_commands_are_part_of_the_group() -> None:
    codex = program.get_command(None, "codex")  # type: ignore[arg-type]

    assert {"apply", "config", "undo"} <= set(codex.commands)  # type: ignore[union-attr]
