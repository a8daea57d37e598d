"""docs/upstreams.md states a rule for all that the code drops, and its examples are read."""

from __future__ import annotations

import re
import tomllib

import pytest

from provisioner.gateway.config import GatewayConfig
from provisioner.gateway.translate.anthropic_thinking import BUDGETS
from provisioner.gateway.translate.trouble import Cause
from tests.support.command import ROOT

PAGE = (ROOT / "docs" / "upstreams.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "provisioner" / "gateway" / "translate").glob("*.py"))
DROPPED = sorted(
    {
        name
        for source in SOURCES
        for name in re.findall(r'dropped\.add\(f?"([^"]+)"\)', source.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("name", DROPPED)
def test_every_rule_is_stated(name: str) -> None:
    shown = re.sub(r"\{kind\}", "<type>", name)
    shown = {"{place}.{name}": "reasoning.<name>", "leave_out.{path}": "leave_out.<path>"}.get(
        shown, shown
    )

    assert f"`{shown}`" in PAGE


def test_there_are_rules_to_state() -> None:
    assert len(DROPPED) > 15


def test_the_example_is_a_configuration() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    config = GatewayConfig.model_validate(tomllib.loads(text))

    assert [provider.is_translated for provider in config.provider] == [True] * 3


@pytest.mark.parametrize("cause", Cause)
def test_every_error_is_stated(cause: Cause) -> None:
    _, kind, code = cause.value
    assert re.search(rf"{cause.status}.* `{kind}` `{code}`", PAGE)


def test_budgets_are_stated() -> None:
    assert ", ".join(str(BUDGETS[effort]) for effort in BUDGETS if effort != "minimal") in PAGE
    assert f"| {BUDGETS['minimal']} |" in PAGE
