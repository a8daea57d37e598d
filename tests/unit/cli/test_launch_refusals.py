"""`launch` and `prove` refuse, before Codex starts, what that Codex cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner.launch.codex_install import codex_cache
from tests.support.command import provisioner
from tests.support.fake_codex import fake_codex

SPEC = """\
flow = "byok"
gateway.url = "https://coder.example.com"
codex.model_reasoning_effort = "ultra"
"""


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables: Mapping[str, str] = {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "CODER_API_TOKEN": "token-12345678",
        "OPENAI_API_KEY": "sk-mine-12345678",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "spec.toml").write_text(SPEC)


def codex(folder: Path, version: str) -> Path:
    return fake_codex(folder / "bin", version=version)


def test_a_value_that_this_codex_refuses_is_refused(tmp_path: Path) -> None:
    spec, program = tmp_path / "spec.toml", codex(tmp_path, "0.122.0")
    fake_codex(codex_cache() / "0.122.0" / "node_modules" / ".bin", version="0.122.0")
    as_config = provisioner("codex", "config", spec, "--codex-version", "0.122.0")

    launched = provisioner("launch", spec, "--codex-path", program, "--print")
    proven = provisioner("prove", spec, "--codex", "0.122.0")

    said = 'Codex 0.122.0 refuses "ultra" as model_reasoning_effort; it accepts '
    assert {done.returncode for done in (as_config, launched, proven)} == {2}
    assert said in as_config.stderr
    assert said in launched.stderr
    assert said in proven.stderr


def test_a_codex_that_nobody_measured_is_refused_or_named(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"

    old = provisioner("launch", spec, "--codex-path", codex(tmp_path / "a", "0.99.0"), "--print")
    new = provisioner("launch", spec, "--codex-path", codex(tmp_path / "b", "9.0.0"), "--print")
    proven = provisioner("prove", spec, "--codex", "0.99.0")

    assert (old.returncode, proven.returncode, new.returncode) == (2, 2, 0)
    assert 'Codex "0.99.0" is older than 0.122.0' in old.stderr
    assert 'Codex "0.99.0" is older than 0.122.0' in proven.stderr
    assert "note: Codex 9.0.0 is newer than 0.169.0, the newest one measured" in new.stderr


@pytest.mark.parametrize("home", ["own", "private"])
def test_advice_repeats_what_was_given(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEX_HOME", str(tmp_path))
    spec, program = tmp_path / "a spec.toml", codex(tmp_path, "0.169.0")
    spec.write_text('flow = "byok"\n')
    given = [str(spec), "--gateway-url", "https://coder.example.com", "--flow", "chatgpt"]
    kept = ["--home", "own"] if home == "own" else []

    done = provisioner("launch", *given, "--codex-path", program, *kept, "--", "exec", "hi")

    command = f"provisioner launch '{spec}' --gateway-url https://coder.example.com --flow chatgpt"
    ending = " ".join(["", "--codex-path", str(program), *kept, "-- login --device-auth`"])
    assert done.returncode == 2
    assert f"`{command}{ending}" in done.stderr
