"""What docs/auto-ai-router.md says: its settings, its files and every message of a fixture."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from provisioner.gateway.auto_ai_router_config import AutoAiRouterConfig
from provisioner.gateway.config import configured
from provisioner.gateway.server import GatewayServer
from provisioner.validate.run import validate
from tests.support.command import ROOT
from tests.support.tree import write_tree

PAGE = (ROOT / "docs/auto-ai-router.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples/router/config.yaml"
OWN = "tests/gateway/auto-ai-router"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_settings_it_shows_are_the_defaults() -> None:
    shown = tomllib.loads(blocks("toml")[0])["auto_ai_router"]

    assert shown == AutoAiRouterConfig().model_dump()


def test_the_example_has_no_finding() -> None:
    assert validate([EXAMPLE]).findings == ()


@pytest.mark.parametrize("name", ["gateway.toml", "config.yaml"])
def test_the_gateway_takes_the_files(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in re.findall(r"os\.environ/(\w+)", EXAMPLE.read_text(encoding="utf-8")):
        monkeypatch.setenv(variable, "sk-example")
    text = EXAMPLE.read_text(encoding="utf-8")
    write_tree(tmp_path, {"config.yaml": text, "gateway.toml": blocks("toml")[0]})

    GatewayServer(configured(tmp_path / name, host=None, port=None), tmp_path / "state")


def test_the_codex_config_it_shows_is_one(tmp_path: Path) -> None:
    write_tree(tmp_path, {"config.toml": blocks("toml")[1]})

    assert validate([tmp_path / "config.toml"]).findings == ()


def test_every_message_of_a_fixture_is_on_the_page() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / OWN).glob("*.txtar"))
    bodies = (json.loads(body) for text in texts for body in re.findall(r'^\{"error".*\}(?=@@)', text, re.MULTILINE))  # fmt: skip
    own = {body["error"]["message"] for body in bodies if "code" in body["error"]}
    named = {re.sub(r"(?<=[Mm]odel )(?:gpt|fast|opus)\S*", "NAME", message) for message in own}
    named = {re.sub(r"(?<=Not Found: )\S+ \S+", "METHOD PATH", message) for message in named}
    # Those that begin with a code are on the page of access files.
    named = {message for message in named if not re.match(r"[A-Z_]+: ", message)}
    beyond = {"background requests are not supported", "Upgrade Required"}

    assert [one for one in sorted(named - beyond) if f"`{one}`" not in PAGE] == []
