"""Whatever stands in a Codex home, a launch goes on or says what is wrong, and never waits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.knowledge.version import Version
from provisioner.launch.found_codex import FoundCodex
from provisioner.launch.home_file import home_json, home_toml
from provisioner.launch.persistent_home import prepare_home
from provisioner.launch.prepare import CodexHome, Launch, launch_command
from provisioner.launch.stored_login import LoginKind, stored_login
from provisioner.render.codex_setup import codex_setup
from tests.support.specs import plan_for

CALLER = {"CODER_API_TOKEN": "token-12345678", "OPENAI_API_KEY": "sk-mine-12345678"}
DEEP_TOML = f"a = {'[' * 5000}{']' * 5000}\n"
DEEP_KEYS = f"{'a.' * 5000}a = 1\n"


def launch(folder: Path, flow: str = "byok", codex: str = "0.169.0", profile: str = "") -> Launch:
    plan = plan_for(flow, gateway={"url": "https://coder.example.com"}, target={"codex": codex})
    return launch_command(
        codex_setup(plan),
        FoundCodex(Path("/bin/codex"), Version.parse(codex), "as given"),
        CodexHome(folder, is_private=False),
        ("exec", "hi"),
        profile=profile,
        caller=CALLER,
    )


@pytest.mark.parametrize(
    "config",
    [
        'model_providers = "x"\n',
        "model_providers = [1]\n",
        "[model_providers]\nai_gateway = 4\n",
        'cli_auth_credentials_store = ["a"]\n',
        "cli_auth_credentials_store = {}\n",
        "profiles = 3\n",
    ],
)
def test_values_of_a_wrong_type_lend_nothing(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.toml").write_text(config)

    assert 'model_provider="ai_gateway"' in launch(tmp_path).command
    with pytest.raises(InputError, match='there is no profile "mine"'):
        launch(tmp_path, codex="0.122.0", profile="mine")
    with pytest.raises(InputError, match="there is no ChatGPT login"):
        launch(tmp_path, "chatgpt")


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5_000_000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "is no regular file"),
        (Path.mkdir, "is no regular file|cannot read"),
        (large, "is larger than 4 MB"),
        (lambda path: path.write_text(DEEP_TOML), "is nested too deeply"),
        (lambda path: path.write_text(DEEP_KEYS), "is nested too deeply"),
    ],
    ids=["pipe", "folder", "large", "deep-list", "deep-keys"],
)
def test_a_config_that_is_none_is_named(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    make(tmp_path / "config.toml")

    with pytest.raises(InputError, match=rf"config\.toml.*({said})|({said}).*config\.toml"):
        launch(tmp_path)
    with pytest.raises(InputError, match=said):
        prepare_home(tmp_path, {"config.toml": 'model = "m"\n'})


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, Path.mkdir, large, lambda path: path.write_text("[" * 100_000)],
    ids=["pipe", "folder", "large", "deep"],
)
def test_a_login_that_is_none_is_named(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "auth.json")

    assert stored_login(tmp_path).kind is LoginKind.UNREADABLE
    with pytest.raises(InputError, match=r"auth\.json is no login that can be read; remove it"):
        launch(tmp_path, "chatgpt")


def test_a_deep_record_counts_as_lost(tmp_path: Path) -> None:
    (tmp_path / ".provisioner.json").write_text("[" * 100_000)

    prepare_home(tmp_path, {"config.toml": 'model = "m"\n'})

    assert home_toml(tmp_path / "config.toml") == {"model": "m"}


def test_what_is_there_is_read_and_what_is_not_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"a": [1]}))

    assert home_json(tmp_path / "a.json") == {"a": [1]}
    assert home_json(tmp_path / "none") is None
    assert home_toml(tmp_path / "none") == {}
