"""The environment of a Codex: all the flow needs, nothing that changes it, no secret in a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.launch.codex_environment import (
    codex_environment,
    flow_breakers,
    need_credentials,
)
from provisioner.launch.credential_flaw import credential_flaw
from provisioner.render.codex_setup import CodexSetup, codex_setup
from tests.support.specs import plan_for

URL = "https://coder.example.com"
CALLER = {
    "CODEX_API_KEY": "codex-key",
    "CODEX_CA_CERTIFICATE": "/etc/ca.pem",
    "CODEX_HOME": "/elsewhere",
    "CODEX_REFRESH_TOKEN_URL_OVERRIDE": "https://evil.example.com",
    "CODEX_SANDBOX": "seatbelt",
    "CODER_API_TOKEN": "gateway-token",
    "HTTPS_PROXY": "http://proxy.example.com",
    "OPENAI_API_KEY": "sk-mine-12345678",
    "OPENAI_BASE_URL": "https://evil.example.com/v1",
    "OPENAI_ORGANIZATION": "org",
    "PATH": "/bin",
}
ALWAYS_OUT = (
    "CODEX_API_KEY",
    "CODEX_REFRESH_TOKEN_URL_OVERRIDE",
    "OPENAI_BASE_URL",
    "OPENAI_ORGANIZATION",
)


def setup(flow: str) -> CodexSetup:
    return codex_setup(plan_for(flow, gateway={"url": URL}))


@pytest.mark.parametrize(
    ("flow", "left_out"),
    [
        ("centralized", ALWAYS_OUT),
        ("byok", ALWAYS_OUT),
        ("chatgpt", tuple(sorted((*ALWAYS_OUT, "OPENAI_API_KEY")))),
    ],
)
def test_what_changes_the_flow_is_left_out_and_nothing_else(
    flow: str, left_out: tuple[str, ...]
) -> None:
    environment = codex_environment(setup(flow), CALLER, Path("/home/of/codex"))

    assert environment.left_out == left_out
    gone = set(CALLER) - set(environment.variables)
    assert gone == set(left_out)
    assert environment.variables["CODEX_HOME"] == "/home/of/codex"


def test_a_users_own_home_stays_the_one_it_was() -> None:
    environment = codex_environment(setup("byok"), CALLER, None)

    assert environment.variables["CODEX_HOME"] == "/elsewhere"


def test_a_variable_the_plan_reads_is_never_a_breaker() -> None:
    plan = plan_for(
        "centralized",
        gateway={"url": URL, "kind": "openai-compatible", "token_env": "CODEX_API_KEY"},
    )

    assert flow_breakers(codex_setup(plan), ["CODEX_API_KEY"]) == ()


def test_each_missing_credential_is_named_with_where_to_get_it() -> None:
    with pytest.raises(InputError) as error:
        need_credentials(setup("byok").environment, {})

    assert "CODER_API_TOKEN is not set; it holds a Coder API token" in str(error.value)
    assert "OPENAI_API_KEY is not set; it holds your own OpenAI key" in str(error.value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty"),
        (" \t", "nothing but white space"),
        ("token-abcdefghijkl\n", "ends in a newline"),
        ("token-abcdefghijkl\r\n", "ends in a newline"),
        (" token-abcdefghijkl", "white space around it"),
        ("token abcdefghijkl", "white space in it"),
        ("token-abcdefghijklé", "no header can carry"),
        ("token-abcdefghijkl\x1b[0m", "no header can carry"),
    ],
)
def test_a_credential_that_cannot_be_sent_is_refused_without_being_quoted(
    value: str, reason: str
) -> None:
    with pytest.raises(InputError) as error:
        need_credentials(setup("chatgpt").environment, {"CODER_API_TOKEN": value})

    assert reason in credential_flaw(value)
    assert reason in str(error.value)
    assert "abcdefgh" not in str(error.value)


def test_good_credentials_pass() -> None:
    need_credentials(setup("byok").environment, CALLER)
