"""Checks of this machine: Codex and its config, the credentials, and what beats them."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from provisioner.doctor.codex_checks import codex_found, config_loads
from provisioner.doctor.credential_checks import credential_present, no_flow_breaker
from provisioner.doctor.model_checks import model_known, model_offered
from provisioner.doctor.patient import Patient, patient
from provisioner.doctor.probe import Answer
from provisioner.doctor.transport_checks import compression
from provisioner.launch.prepare import CodexHome
from tests.support.fake_codex import chatgpt_auth, fake_codex, jwt, report_of
from tests.unit.doctor.patients import (
    CREDENTIALS,
    TOKEN,
    own_config,
    patient_for,
    patient_with,
    plan_at,
)

URL = "https://coder.example.com"


def who(folder: Path, flow: str = "byok", caller: Any = None, **more: Any) -> Patient:
    tables = {key: more.pop(key) for key in ("codex", "gateway", "profiles") if key in more}
    return patient_for(folder, plan_at(URL, flow, **tables), caller, **more)


@pytest.mark.parametrize(
    ("version", "status"),
    [("0.121.0", "failed"), ("0.122.0", "ok"), ("0.169.0", "ok"), ("0.170.0", "warning")],
)
def test_a_version_is_judged_by_what_was_measured(
    tmp_path: Path, version: str, status: str
) -> None:
    assert codex_found(who(tmp_path, version=version)).status.value == status


def test_without_codex_what_needs_it_is_left_out(tmp_path: Path) -> None:
    home = CodexHome(tmp_path, is_private=False)
    without = patient(plan_at(URL), None, home, {}, codex_problem="codex is not on PATH")

    assert codex_found(without).seen == "codex is not on PATH"
    assert config_loads(without).status.value == "skipped"


def test_a_config_is_read_in_a_home_of_its_own_with_each_profile(tmp_path: Path) -> None:
    patient_ = who(tmp_path, profiles={"router": {"model": "m"}})

    check = config_loads(patient_)

    report = report_of(tmp_path / "bin" / "codex")
    assert check.status.value == "ok"
    assert check.seen.endswith("profiles router")
    folder = Path(report["environment"]["CODEX_HOME"]).parent
    assert report["arguments"] == [
        "exec", "--skip-git-repo-check", "-C", str(folder),
        "--strict-config", "-p", "router", "-",
    ]  # fmt: skip
    assert not Path(report["environment"]["CODEX_HOME"]).exists()
    assert not set(CREDENTIALS.values()) & set(report["environment"].values())


def test_a_version_without_the_strict_flag_is_not_given_it(tmp_path: Path) -> None:
    assert "cannot check" in config_loads(who(tmp_path, version="0.122.0")).seen
    assert "--strict-config" not in report_of(tmp_path / "bin" / "codex")["arguments"]


def test_what_codex_says_about_a_config_is_shown(tmp_path: Path) -> None:
    patient_ = who(tmp_path)
    (tmp_path / "bin" / "codex.py").write_text(
        "import os, sys\n"
        "sys.exit(f\"Error loading config.toml:\\n{os.environ['CODEX_HOME']}/config.toml:1:1: \\033[1mbad\\n"
        '  |\\n1 | experimental_bearer_token = 3 # key-in-the-file\\n  | ^^^^^")\n'
    )

    check = config_loads(patient_)

    assert check.status.value == "failed"
    assert (
        "Error loading config.toml: config.toml:1:1: \N{REPLACEMENT CHARACTER}[1mbad" in check.seen
    )
    assert "key-in-the-file" not in check.seen


def test_credentials_that_are_there_are_shown_as_hints(tmp_path: Path) -> None:
    check = credential_present(who(tmp_path))

    assert check.status.value == "ok"
    assert check.seen == "CODER_API_TOKEN is set (gate...6789); OPENAI_API_KEY is set (sk-m...cdef)"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"CODER_API_TOKEN": None}, "failed", "CODER_API_TOKEN is not set"),
        ({"OPENAI_API_KEY": "sk-mine-0123456789\n"}, "failed", "ends in a newline"),
        ({"OPENAI_API_KEY": ""}, "failed", "is empty"),
        ({"OPENAI_API_KEY": "eyJhbGciOiJub25lIn0"}, "warning", "not look like an OpenAI key"),
    ],
)
def test_each_credential_is_judged(
    tmp_path: Path, changes: dict[str, str | None], status: str, words: str
) -> None:
    given = {name: value for name, value in {**CREDENTIALS, **changes}.items() if value is not None}

    check = credential_present(who(tmp_path, caller=given))

    assert check.status.value == status
    assert words in check.seen
    assert check.fix
    assert TOKEN not in check.seen + check.fix


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("vk-lw-01HZX3M4N5P6Q7R8S9T0V1W2X3", "ok"),
        ("vk-lw-live_01HZX3M4N5P6Q7R8S9T0V1W2X3", "ok"),
        ("vk-lw-short", "warning"),
        ("sk-something-else", "warning"),
    ],
)
def test_a_langwatch_key_has_its_own_form(tmp_path: Path, key: str, status: str) -> None:
    plan = plan_at("https://gateway.langwatch.ai", gateway={"kind": "langwatch"})

    check = credential_present(patient_for(tmp_path, plan, {"LANGWATCH_VK": key}))

    assert check.status.value == status


@pytest.mark.parametrize(
    ("expires", "refresh", "mode", "status"),
    [
        (3600, "r", 0o600, "ok"),
        (-3600, "r", 0o600, "warning"),
        (-3600, "", 0o600, "failed"),
        (3600, "r", 0o644, "warning"),
    ],
)
def test_a_login_is_judged_by_its_end(
    tmp_path: Path, expires: int, refresh: str, mode: int, status: str
) -> None:
    token = jwt(exp=int(time.time()) + expires)
    chatgpt_auth(tmp_path / "home", token, refresh=refresh).chmod(mode)

    check = credential_present(who(tmp_path, "chatgpt"))

    assert check.status.value == status
    assert token not in check.seen + check.fix


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "there is no login"),
        ("{", "cannot be read"),
        (json.dumps({"OPENAI_API_KEY": "sk-stored-123456"}), "holds an API key"),
    ],
)
def test_a_login_that_is_none_is_told_apart(tmp_path: Path, data: str | None, words: str) -> None:
    (tmp_path / "home").mkdir()
    if data is not None:
        (tmp_path / "home" / "auth.json").write_text(data)

    check = credential_present(who(tmp_path, "chatgpt"))

    assert check.status.value == "failed"
    assert words in check.seen
    assert "`provisioner launch -- login --device-auth`" in check.fix


def test_a_stored_key_that_cannot_be_sent_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    path = tmp_path / "home" / "auth.json"
    path.write_text(json.dumps({"OPENAI_API_KEY": "sk-stored-1234567890\n"}))
    plan = plan_at(URL, "byok", credential="api_key_login")

    check = credential_present(patient_for(tmp_path, plan))

    assert check.status.value == "failed"
    assert f"the stored key in {path} (sk-s...7890) ends in a newline" in check.seen
    assert "login --with-api-key" in check.fix


@pytest.mark.parametrize(
    ("flow", "variable", "status"),
    [
        ("chatgpt", "CODEX_API_KEY", "failed"),
        ("chatgpt", "CODEX_ACCESS_TOKEN", "failed"),
        ("chatgpt", "OPENAI_BASE_URL", "warning"),
        ("byok", "CODEX_API_KEY", "warning"),
        ("byok", "HTTPS_PROXY", "ok"),
        ("byok", "CODEX_HOME", "ok"),
    ],
)
def test_what_beats_the_flow_is_found(
    tmp_path: Path, flow: str, variable: str, status: str
) -> None:
    check = no_flow_breaker(who(tmp_path, flow, {**CREDENTIALS, variable: "x"}))

    assert check.status.value == status


def test_a_variable_that_no_measured_codex_reads_is_not_said_to_be_read(tmp_path: Path) -> None:
    patient_ = dataclasses.replace(who(tmp_path, "chatgpt"), caller=CREDENTIALS)

    assert no_flow_breaker(patient_).seen == "OPENAI_API_KEY is set, which this flow does not use"


@pytest.mark.parametrize(("version", "status"), [("0.148.0", "failed"), ("0.149.0", "ok")])
def test_a_login_for_a_third_party_is_found(tmp_path: Path, version: str, status: str) -> None:
    chatgpt_auth(tmp_path / "home", "token-123456")
    patient_ = who(tmp_path, version=version)
    object.__setattr__(patient_.facts, "env_key", "")

    assert no_flow_breaker(patient_).status.value == status


@pytest.mark.parametrize(
    ("model", "version", "status"),
    [
        (None, "0.169.0", "skipped"),
        ("gpt-5.5", "0.169.0", "ok"),
        ("gpt-5.5", "0.122.0", "warning"),
        ("my-model", "0.180.0", "warning"),
    ],
)
def test_a_model_is_looked_up_for_the_version(
    tmp_path: Path, model: str | None, version: str, status: str
) -> None:
    tables = {"codex": {"model": model}} if model else {}

    assert model_known(who(tmp_path, version=version, **tables)).status.value == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"models": [{"slug": "gpt-5.5"}]}', "ok"),
        ('{"data": [{"id": "gpt-5.5"}], "models": []}', "ok"),
        ('{"data": [{"id": "other"}]}', "warning"),
        ('{"data": []}', "skipped"),
        ('{"data": [1, null]}', "skipped"),
        ("[]", "skipped"),
        ("no json", "skipped"),
    ],
)
def test_a_model_is_looked_up_in_what_the_gateway_lists(
    tmp_path: Path, body: str, status: str
) -> None:
    answer = Answer(200, "application/json", "", body)

    check = model_offered(who(tmp_path, codex={"model": "gpt-5.5"}), answer)

    assert check.status.value == status


def test_a_provider_named_openai_compresses(tmp_path: Path) -> None:
    plan = plan_at(URL)
    config = own_config(plan)
    named = config.replace(f'name = "{plan.codex.provider.name}"', 'name = "OpenAI"')
    assert named != config

    check = compression(patient_with(tmp_path, plan, named))

    assert compression(who(tmp_path)).status.value == "ok"
    assert check.status.value == "warning"
    assert check.fix == (
        f"give [model_providers.{plan.codex.provider.id}] in {tmp_path}/own/config.toml another name"
    )


def test_the_token_may_have_another_name(tmp_path: Path) -> None:
    plan = plan_at(URL, "byok")
    given = {"MY_TOKEN": TOKEN, "CODER_API_TOKEN": "stale", "OPENAI_API_KEY": "sk-a-12345678"}

    patient_ = patient_for(tmp_path, plan, given, token_env="MY_TOKEN")

    headers = patient_.headers(with_credentials=True)
    assert headers["X-Coder-AI-Governance-Token"] == TOKEN
    assert headers["Authorization"] == "Bearer sk-a-12345678"
    assert fake_codex(tmp_path / "bin").exists()
