"""What a gateway prints when it is ready: commands that work as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.gateway.config import configured
from provisioner.gateway.server import Ready
from provisioner.gateway.text import ready_json, ready_text
from provisioner.knowledge.prices import listed_prices

READY = Ready("http://127.0.0.1:4001", None, Path("/state dir"))


def printed(folder: Path, config: str) -> str:
    """Return the text for `config` in a file, for a gateway that made no token."""
    file = folder / "the gateway.toml"
    file.write_text(config)
    return ready_text(READY, configured(file, host=None, port=None), file)


def test_commands_name_the_database_that_the_gateway_uses(tmp_path: Path) -> None:
    sqlite = printed(tmp_path, "")
    postgres = printed(tmp_path, 'database = "postgresql://gateway@db.internal/gateway"\n')

    for command in ("token create", "session list"):
        assert f"provisioner gateway {command} --state '/state dir'" in sqlite
        config = f"provisioner gateway {command} --config '{tmp_path}/the gateway.toml'"
        assert config in postgres
    assert "--state" not in postgres


def test_a_database_of_the_environment_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", "postgresql://gateway:pw@db/gateway")

    text = printed(tmp_path, "")

    assert "provisioner gateway session list" in text
    assert "note       commands work with PROVISIONER_GATEWAY_DATABASE set" in text
    assert "--state" not in text
    assert "pw" not in text


PROVIDERS = """
[[provider]]
name = "anthropic"
type = "anthropic"
upstream = "anthropic"
key_env = ["KEY"]
[[provider]]
name = "off"
type = "openai"
upstream = "scripted"
enabled = false
[[provider]]
name = "chatgpt"
type = "openai"
upstream = "chatgpt"
[[provider]]
name = "personal"
type = "openai"
upstream = "openai"
"""
USABLE = """
[[provider]]
name = "central"
type = "openai"
upstream = "openai"
key_env = ["KEY"]
"""


def test_codex_is_tried_with_a_provider_that_it_can_use(tmp_path: Path) -> None:
    none = printed(tmp_path, PROVIDERS)
    one = printed(tmp_path, PROVIDERS + USABLE)

    assert "codex exec" not in none
    assert "/off/" not in none
    (command,) = [line for line in one.splitlines() if "codex exec" in line]
    assert 'base_url="http://127.0.0.1:4001/api/v2/aibridge/central/v1"' in command


@pytest.mark.parametrize(("era", "path"), [("2.32", "aibridge"), ("2.36", "ai-gateway")])
def test_base_urls_for_programs(tmp_path: Path, era: str, path: str) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(f'era = "{era}"\n{PROVIDERS}')

    told = json.loads(ready_json(READY, configured(file, host=None, port=None)))

    base = f"http://127.0.0.1:4001/api/v2/{path}"
    assert told["base_urls"] == {
        "anthropic": f"{base}/anthropic",
        "chatgpt": f"{base}/chatgpt/v1",
        "personal": f"{base}/personal/v1",
    }


def test_the_model_of_the_printed_command_has_a_price(tmp_path: Path) -> None:
    (command,) = [line for line in printed(tmp_path, "").splitlines() if "codex exec" in line]

    model = command.partition(" -m ")[2].split()[0]

    assert model in listed_prices()
