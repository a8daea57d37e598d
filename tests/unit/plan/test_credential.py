"""Each way to bring the credential: the table, the variables, the login, and the reason."""

from __future__ import annotations

import pytest

from provisioner.gateway_kinds import GATEWAY_KINDS
from provisioner.plan.model import Plan
from provisioner.spec.combinations import possible_credentials
from provisioner.spec.load import check_spec
from provisioner.spec.models import Spec
from tests.support.specs import FLOW_NAMES, plan_for

LANGWATCH = {"kind": "langwatch"}


def variables(plan: Plan) -> list[str]:
    return [variable.name for variable in plan.env]


def test_a_stored_key_needs_a_login_and_no_variable() -> None:
    plan = plan_for("byok", credential="api_key_login")

    assert plan.codex.provider.requires_openai_auth
    assert plan.codex.provider.env_key == plan.codex.provider.env_key_instructions == ""
    assert variables(plan) == ["CODER_API_TOKEN"]
    assert "`printenv OPENAI_API_KEY | codex login --with-api-key`" in plan.login
    assert plan.personal_env == ""


def test_codex_api_key_is_a_variable_that_no_table_names() -> None:
    plan = plan_for("byok", credential="codex_api_key")

    assert plan.codex.provider.requires_openai_auth
    assert plan.codex.provider.env_key == ""
    assert variables(plan) == ["CODER_API_TOKEN", "CODEX_API_KEY"]
    assert "--env CODEX_API_KEY`" in plan.env[1].help
    assert (plan.personal_env, plan.login) == ("CODEX_API_KEY", "")


def test_the_key_of_another_gateway_can_be_stored_or_in_codex_api_key() -> None:
    stored = plan_for("centralized", gateway=LANGWATCH, credential="api_key_login")
    exported = plan_for("centralized", gateway=LANGWATCH, credential="codex_api_key")

    assert variables(stored) == []
    assert "vk-lw-" in stored.login
    assert variables(exported) == ["CODEX_API_KEY"]
    assert exported.personal_env == ""


@pytest.mark.parametrize("flow", FLOW_NAMES)
def test_the_plan_says_what_is_sent_and_why_an_exported_key_is_not_enough(flow: str) -> None:
    decisions = {item.what: item for item in plan_for(flow).decisions}

    used, not_enough = decisions["credential"], decisions["credential.not_enough"]
    assert used.origin == "default"
    assert "Codex sends the " in used.why
    assert "measured on 0.122, 0.134, 0.169" in used.why
    assert not_enough.value.startswith("an exported OPENAI_API_KEY")
    assert "Codex sends a request without Authorization: the variable is not read" in not_enough.why


def test_every_way_that_is_not_offered_is_refused_at_its_place() -> None:
    ways = ("env_key", "api_key_login", "codex_api_key", "chatgpt_login")
    offered = refused = 0
    for kind in GATEWAY_KINDS:
        for flow in sorted(kind.flows):
            possible = possible_credentials(
                Spec.model_validate({"flow": flow, "gateway": {"kind": kind.name}})
            )
            for way in ways:
                text = f'flow = "{flow}"\ncredential = "{way}"\n[gateway]\nkind = "{kind.name}"\n'
                spec, findings = check_spec(text, "spec.toml")
                if way in possible:
                    offered += 1
                    assert spec is not None, findings
                else:
                    refused += 1
                    (finding,) = findings
                    assert (finding.code, finding.span.start.line) == ("PRV014", 2)
                    assert f"use {', '.join(possible)}" in finding.help

    assert (offered, refused) == (14, 10)


def test_a_variable_of_the_gateway_has_no_meaning_for_a_stored_key() -> None:
    text = 'flow = "centralized"\ncredential = "api_key_login"\n[gateway]\nkind = "langwatch"\n'

    _, findings = check_spec(text + 'token_env = "MY_KEY"\n', "spec.toml")

    assert [(item.code, item.span.start.line) for item in findings] == [("PRV014", 5)]
