"""What each flow decides, and that every decision says where it came from."""

from __future__ import annotations

import pytest

from provisioner.plan.model import EnvSource
from tests.support.specs import FLOW_NAMES, plan_for


def test_centralized_uses_the_table_and_the_variable_of_the_module() -> None:
    plan = plan_for("centralized")

    assert plan.module.writes_provider
    assert plan.codex.provider.id == "aigateway"
    assert plan.codex.provider.env_key == "OPENAI_CODER_AIGATEWAY_SESSION_TOKEN"
    assert plan.codex.provider.env_http_headers == {}
    assert [(v.name, v.source) for v in plan.env] == [
        ("OPENAI_CODER_AIGATEWAY_SESSION_TOKEN", EnvSource.MODULE)
    ]


def test_an_older_module_has_the_older_variable() -> None:
    target = {"codex_module": "~> 5.2.0, < 5.2.1", "codex": "0.140.0"}

    plan = plan_for("centralized", target=target)

    assert plan.codex.provider.env_key == "CODER_AIBRIDGE_SESSION_TOKEN"


@pytest.mark.parametrize(
    ("codex", "words"),
    [
        ("0.122.0", "the module adds this MCP server"),
        ("0.134.0", "0.134.0 ignores its description and type, and refuses them with --strict"),
        ("0.169.0", "0.169.0 warns of its description and type, and refuses them with --strict"),
    ],
)
def test_release_4_of_the_module_has_its_own_names_and_brings_things_along(
    codex: str, words: str
) -> None:
    plan = plan_for("centralized", target={"codex_module": "~> 4.3", "codex": codex})

    assert plan.module.gateway_switch == "enable_aibridge"
    assert (plan.codex.provider.id, plan.codex.provider.env_key) == (
        "aibridge",
        "CODER_AIBRIDGE_SESSION_TOKEN",
    )
    assert plan.module.overrides == {
        "codex_model": "",
        "codex_system_prompt": "",
        "report_tasks": False,
    }
    (server,) = [item for item in plan.decisions if item.what == "codex.mcp_servers"]
    assert (server.value, server.origin) == ("Coder", "knowledge")
    assert words in server.why
    assert ("Codex" in server.why) is (codex != "0.122.0")


def test_byok_sends_the_users_key_and_names_the_gateway_token_in_a_header() -> None:
    plan = plan_for("byok")

    assert not plan.module.writes_provider
    assert plan.codex.provider.env_key == "OPENAI_API_KEY"
    assert not plan.codex.provider.requires_openai_auth
    assert plan.codex.provider.env_http_headers == {
        "X-Coder-AI-Governance-Token": "CODER_API_TOKEN"
    }
    assert [(v.name, v.source) for v in plan.env] == [
        ("CODER_API_TOKEN", EnvSource.GATEWAY_TOKEN),
        ("OPENAI_API_KEY", EnvSource.USER),
    ]


def test_chatgpt_has_a_path_of_its_own_and_no_key() -> None:
    plan = plan_for("chatgpt")

    assert plan.codex.provider.base_path == "/api/v2/aibridge/chatgpt/v1"
    assert plan.codex.provider.requires_openai_auth
    assert plan.codex.provider.env_key == ""
    assert [v.name for v in plan.env] == ["CODER_API_TOKEN"]


def test_a_choice_of_the_user_becomes_a_parameter_with_the_fixed_value_as_default() -> None:
    plan = plan_for("byok", codex={"model": "b"}, parameters={"model": ["a", "b"]})

    model = {setting.key: setting for setting in plan.codex.settings}["model"]
    assert model.value == "b"
    assert model.parameter is not None
    assert (model.parameter.name, model.parameter.default, model.parameter.options) == (
        "codex_model",
        "b",
        ("a", "b"),
    )


def test_an_unmeasured_codex_is_treated_as_the_newest_and_says_so() -> None:
    plan = plan_for("byok", target={"codex": "0.999.0"})

    notes = {decision.what: decision.why for decision in plan.decisions}
    assert plan.codex_version == "0.999.0"
    assert notes["target.codex"] == "not measured yet: treated as 0.169.0"


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_every_decision_has_one_of_three_origins(flow: str) -> None:
    decisions = plan_for(flow).decisions

    assert len(decisions) >= 8
    assert {decision.origin for decision in decisions} == {"spec", "knowledge", "default"}


@pytest.mark.parametrize(
    ("gateway", "base_url", "variable"),
    [
        ({"kind": "langwatch"}, "https://gateway.langwatch.ai/v1", "LANGWATCH_VK"),
        ({"kind": "langwatch", "url": "https://lw.example.com"}, "https://lw.example.com/v1", "LANGWATCH_VK"),
        ({"kind": "langwatch", "url": "https://lw.example.com/v1"}, "https://lw.example.com/v1", "LANGWATCH_VK"),
        ({"kind": "auto-ai-router", "url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080/v1", "AUTO_AI_ROUTER_KEY"),
        ({"kind": "openai-compatible", "url": "https://x.example.com/a/v1", "token_env": "MY_KEY"},
         "https://x.example.com/a/v1", "MY_KEY"),
    ],
)  # fmt: skip
def test_other_gateways_take_one_key_from_the_users_environment(
    gateway: dict[str, str], base_url: str, variable: str
) -> None:
    plan = plan_for("centralized", gateway=gateway)

    provider = plan.codex.provider
    assert plan.gateway_url + provider.base_path == base_url
    assert provider.env_key == variable
    assert provider.env_key_instructions.startswith("Set it to ")
    assert not plan.module.writes_provider
    assert [(v.name, v.source) for v in plan.env] == [(variable, EnvSource.USER)]


def test_an_idle_timeout_goes_into_the_provider_table() -> None:
    plan = plan_for("centralized", gateway={"kind": "langwatch", "stream_idle_timeout_ms": 7})

    assert plan.codex.provider.stream_idle_timeout_ms == 7
