"""The examples in the gateway's documentation: configurations load, scripts play."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioner.gateway.config import GatewayConfig, configured
from provisioner.gateway.upstreams.script import Script, read_script
from tests.support.command import ROOT

BLOCKS = re.findall(
    r"^```toml\n(.*?)^```", (ROOT / "docs/gateway.md").read_text(), re.MULTILINE | re.DOTALL
)
SCRIPTS = [block for block in BLOCKS if block.startswith("[[turn]]")]
OTHER_PAGES = ("policy.md", "langwatch.md", "auto-ai-router.md")
CONFIGURATIONS = [block for block in BLOCKS if block not in SCRIPTS]


def loaded(folder: Path, text: str) -> GatewayConfig:
    (folder / "gateway.toml").write_text(text)
    return configured(folder / "gateway.toml", host=None, port=None)


def test_the_configuration_loads_and_names_every_setting(tmp_path: Path) -> None:
    (block,) = CONFIGURATIONS

    config = loaded(tmp_path, block)

    assert config.token_check is not None
    missing = set(GatewayConfig.model_fields) - config.model_fields_set
    others = "".join((ROOT / "docs" / page).read_text() for page in OTHER_PAGES)
    assert {name for name in missing if not re.search(rf"\b{name}\b", others)} == set()


def test_a_setting_in_a_comment_is_one_too(tmp_path: Path) -> None:
    (block,) = CONFIGURATIONS
    block = block.replace('kind = "coder"', 'kind = "webhook"').replace(
        "# secret_env", "secret_env"
    )

    config = loaded(tmp_path, block)

    assert config.token_check is not None
    assert config.token_check.secret_env == "HOOK_SECRET"


@pytest.mark.parametrize("block", SCRIPTS, ids=["turns", "failure"])
def test_the_scripts_can_be_played(tmp_path: Path, block: str) -> None:
    (tmp_path / "turns.toml").write_text(block)

    script: Script = read_script(tmp_path / "turns.toml")

    assert script.turn
