"""config.toml says what the plan says, as a file and as the parts of a template."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.plan.model import Plan
from provisioner.render.codex_config import config_files, config_toml_parts
from provisioner.render.hcl_text import Expression
from tests.support.specs import FLOW_NAMES, plan_for

_URL = "https://coder.example.com"
_EXPRESSION = Expression("data.coder_workspace.me.access_url")


def written_by_the_module(plan: Plan) -> dict[str, Any]:
    """Return the table that module 5 appends, with the words its source has."""
    return {
        "aigateway": {
            "name": "AI Gateway",
            "base_url": f"{_URL}/api/v2/aibridge/openai/v1",
            "env_key": plan.codex.provider.env_key,
            "wire_api": "responses",
        }
    }


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_the_workspace_gets_what_codex_config_prints(flow: str) -> None:
    plan = plan_for(flow, codex={"model": "gpt-5.5", "workdir": "/srv/work"})
    parts = config_toml_parts(
        plan.codex, _EXPRESSION, with_provider=not plan.module.writes_provider
    )
    in_workspace = tomllib.loads("".join(_URL if p == _EXPRESSION else str(p) for p in parts))
    if plan.module.writes_provider:
        in_workspace["model_providers"] = written_by_the_module(plan)

    assert in_workspace == tomllib.loads(config_files(plan.codex, _URL)["config.toml"])


def test_outside_a_workspace_no_folder_is_trusted_that_the_spec_does_not_name() -> None:
    codex = plan_for("byok").codex

    assert "projects" not in tomllib.loads(config_files(codex, _URL)["config.toml"])
    in_template = "".join(map(str, config_toml_parts(codex, _EXPRESSION, with_provider=True)))
    assert '[projects."/home/coder"]' in in_template


def test_a_parameter_is_an_expression_in_a_template_and_its_default_in_a_file() -> None:
    plan = plan_for("byok", parameters={"model": ["a", "b"]})

    parts = config_toml_parts(plan.codex, _EXPRESSION, with_provider=True)

    assert Expression("data.coder_parameter.codex_model.value") in parts
    assert tomllib.loads(config_files(plan.codex, _URL)["config.toml"])["model"] == "a"


@given(st.text().filter(str.isprintable))
def test_any_model_name_survives_and_stays_a_root_key(model: str) -> None:
    plan = plan_for("chatgpt", codex={"model": f"m{model}", "workdir": "/home/coder"})

    read = tomllib.loads(config_files(plan.codex, _URL)["config.toml"])

    assert read["model"] == f"m{model}"
    assert set(read) == {"model_provider", "model", "projects", "model_providers"}


def test_a_placeholder_in_the_users_text_is_not_replaced() -> None:
    plan = plan_for("byok", codex={"model": "@@0@@"})

    parts = config_toml_parts(plan.codex, _EXPRESSION, with_provider=True)

    assert 'model = "@@0@@"' in str(parts[0])
    assert [part for part in parts if isinstance(part, Expression)] == [_EXPRESSION]


PROFILES = {"big": {"model": "a", "model_context_window": 900_000, "web_search": "disabled"}}


def test_profiles_are_files_for_a_codex_that_reads_files() -> None:
    plan = plan_for("byok", profiles=PROFILES, target={"codex": "0.134.0"})

    files = config_files(plan.codex, _URL)

    assert tomllib.loads(files["big.config.toml"]) == PROFILES["big"]
    assert "profiles" not in tomllib.loads(files["config.toml"])


def test_profiles_are_tables_for_an_older_codex_without_what_it_ignores_there() -> None:
    plan = plan_for("byok", profiles=PROFILES, target={"codex": "0.133.0"})

    files = config_files(plan.codex, _URL)

    assert list(files) == ["config.toml"]
    assert tomllib.loads(files["config.toml"])["profiles"] == {
        "big": {"model": "a", "web_search": "disabled"}
    }
