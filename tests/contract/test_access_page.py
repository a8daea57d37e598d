"""What docs/access.md says of the gateway: its configuration loads, every answer is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioner.gateway.access_config import AccessConfig
from provisioner.gateway.config import configured
from provisioner.gateway.policy.denial import Reason
from tests.support.command import ROOT

PAGE = (ROOT / "docs/access.md").read_text(encoding="utf-8")
CODES = [reason.value for reason in Reason if reason.value.isupper()]


def test_the_configuration_loads_and_names_every_setting(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    text = re.sub(r"^# (?=\w+ = )", "", block, flags=re.MULTILINE).replace("azure", "openai")
    (tmp_path / "gateway.toml").write_text(text)

    config = configured(tmp_path / "gateway.toml", host=None, port=None)

    assert config.access is not None
    assert config.access.file == tmp_path / "access.toml"
    assert config.access.model_fields_set == set(AccessConfig.model_fields)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_named(code: str) -> None:
    answers = PAGE[PAGE.index("| asked | answered |") :]

    assert f"| `{code}: " in answers
