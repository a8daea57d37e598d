"""A Codex home: which login is there, what is sent, and what the check says about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.report import report
from provisioner.validate.auth_file import AuthFile, LoginKind
from provisioner.validate.check_home import check_codex_home
from provisioner.validate.outcome import CodexCheckResult
from tests.support.tree import write_tree

GATEWAY = """\
model_provider = "gateway"

[model_providers.gateway]
name = "Gateway"
base_url = "https://gateway.example.com/v1"
"""
TOKENS = {"id_token": "e30.e30.x", "access_token": "token", "refresh_token": "r"}
CHATGPT = {"auth_mode": "chatgpt", "tokens": TOKENS, "last_refresh": "2026-11-20T20:55:00Z"}


def without(name: str) -> dict[str, Any]:
    return {**CHATGPT, "tokens": {key: value for key, value in TOKENS.items() if key != name}}


def checked(folder: Path, *, version: str | None = None, **environment: str) -> CodexCheckResult:
    return check_codex_home(folder, codex_version=version, profile=None, environment=environment)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({}, LoginKind.NONE),
        ([], LoginKind.UNUSABLE),
        ({"OPENAI_API_KEY": "key"}, LoginKind.API_KEY),
        ({"auth_mode": "apikey", "OPENAI_API_KEY": None}, LoginKind.UNUSABLE),
        ({"auth_mode": "apikey", "OPENAI_API_KEY": " "}, LoginKind.NONE),
        ({**CHATGPT, "OPENAI_API_KEY": "key"}, LoginKind.CHATGPT),
        ({**CHATGPT, "auth_mode": None, "OPENAI_API_KEY": "key"}, LoginKind.API_KEY),
        ({**CHATGPT, "auth_mode": None}, LoginKind.CHATGPT),
        ({**CHATGPT, "auth_mode": "chatgptAuthTokens"}, LoginKind.CHATGPT),
        ({**CHATGPT, "auth_mode": "agentIdentity"}, LoginKind.UNKNOWN),
        ({**CHATGPT, "last_refresh": None}, LoginKind.UNUSABLE),
        (without("id_token"), LoginKind.UNUSABLE),
        (without("access_token"), LoginKind.UNUSABLE),
        (without("refresh_token"), LoginKind.UNUSABLE),
        ({**CHATGPT, "tokens": {**TOKENS, "id_token": "a.b.c"}}, LoginKind.UNUSABLE),
        ({**CHATGPT, "tokens": {**TOKENS, "id_token": "no dots"}}, LoginKind.UNUSABLE),
    ],
)
def test_the_login_is_what_codex_makes_of_the_file(content: Any, kind: LoginKind) -> None:
    assert AuthFile.read(json.dumps(content).encode(), "auth.json", 0o600).login.kind is kind


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_not_json_is_a_problem_and_no_login(data: bytes) -> None:
    auth = AuthFile.read(data, "auth.json", 0o600)

    assert auth.problem
    assert auth.login.kind is LoginKind.UNUSABLE


def test_no_secret_is_in_a_finding_a_report_or_the_outcome(tmp_path: Path) -> None:
    secret = "sk-test-0123456789abcdefghij"
    auth = json.dumps({"OPENAI_API_KEY": f"{secret} "})
    headers = 'env_key = "KEY"\nenv_http_headers = { X-Api-Key = "KEY" }\n'
    write_tree(tmp_path, {"config.toml": GATEWAY + headers, "auth.json": auth})
    result = checked(tmp_path, KEY=f"{secret} ")

    assert {finding.code for finding in result.findings} == {"PRV105", "PRV106"}
    written = [report(result, name) for name in ("text", "json", "github")]
    said = [*written, result.outcome.sentence, json.dumps(result.outcome.as_data()), repr(result)]
    assert not any(secret[6:-6] in text for text in said)
    assert all(f"{secret[:4]}..." in text for text in said[3:])


def test_files_are_counted_but_a_login_has_no_excerpt(tmp_path: Path) -> None:
    write_tree(tmp_path, {"config.toml": "", "auth.json": "{", "a.config.toml": "", "b.toml": "["})
    result = checked(tmp_path)

    assert [Path(path).name for path in result.files] == [
        "a.config.toml",
        "auth.json",
        "config.toml",
    ]
    assert f"{tmp_path}/auth.json" not in result.sources


@pytest.mark.parametrize("config", [b"model = [", b'model = "\xff"'])
def test_only_the_broken_file_is_reported_when_codex_cannot_read_it(
    config: bytes, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_bytes(config)
    result = checked(tmp_path, OPENAI_BASE_URL="https://gateway.example.com/v1")

    assert [finding.code for finding in result.findings] == ["PRV001"]
    assert result.outcome.sentence == "Codex 0.169.0 will not start, and sends nothing"


def test_a_comment_suppresses_a_finding_and_changes_no_outcome(tmp_path: Path) -> None:
    reason = "# provisioner: ignore[PRV510] tried on purpose"
    write_tree(tmp_path, {"config.toml": f'web_search = "x" {reason}\n{GATEWAY}env_key = "K"\n'})
    result = checked(tmp_path, K="key")

    assert (result.findings, result.suppressed) == ((), 1)
    assert result.outcome.sentence == "Codex 0.169.0 will not start, and sends nothing"
    assert result.outcome.as_data() is None


@pytest.mark.parametrize(
    ("config", "environment", "sentence"),
    [
        ("", {"CODEX_API_KEY": "key"}, "to https://api.openai.com/v1/responses (provider openai) with the value of CODEX_API_KEY (...)"),
        ('openai_base_url = "https://g.example.com/v1/"\n', {}, "to https://g.example.com/v1/responses (provider openai) without any credential"),
        ('model_provider = "ollama"\n', {}, "to http://localhost:11434/v1/responses (provider ollama) with what the built-in provider finds by itself"),
        ('model_provider = "gcp"\n', {}, "to gcp with what the built-in provider finds by itself"),
        (GATEWAY + 'auth = { command = "c" }\n', {}, '(provider gateway) with what "auth" gets'),
        (GATEWAY + 'experimental_bearer_token = "t"\n', {}, "with the experimental_bearer_token in the config (...)"),
        (GATEWAY + 'http_headers = { authorization = "Bearer t" }\n', {}, 'with the header "authorization" of "http_headers" (B...t)'),
        (GATEWAY + 'env_http_headers = { X-Api-Key = "K" }\n', {"K": "key"}, "without Authorization, and X-Api-Key (...)"),
        (GATEWAY + 'env_key = "K"\n', {"K": "key\n"}, "without any credential: the value of K holds a line break"),
        (GATEWAY + 'env_key = "K"\n', {}, "will stop before the first request: K is not set"),
    ],
)  # fmt: skip
def test_the_outcome_says_where_and_with_what(
    config: str, environment: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"config.toml": config})

    assert checked(tmp_path, **environment).outcome.sentence.endswith(sentence)


def test_a_chatgpt_login_goes_to_chatgpt(tmp_path: Path) -> None:
    content = {**CHATGPT, "tokens": {**TOKENS, "account_id": "a"}}
    write_tree(tmp_path, {"auth.json": json.dumps(content)})
    data = checked(tmp_path).outcome.as_data()

    assert data
    assert data["url"] == "https://chatgpt.com/backend-api/codex/responses"
    assert data["credential"]["kind"] == "chatgpt_login"
    assert [header["name"] for header in data["headers"]] == ["chatgpt-account-id"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("latest", '"latest" is not a version; give one such as 0.169.0'),
        (None, "there is no folder"),
    ],
)
def test_what_cannot_be_checked_is_an_input_error(
    version: str | None, message: str, tmp_path: Path
) -> None:
    folder = tmp_path if version else tmp_path / "missing"
    with pytest.raises(InputError) as raised:
        checked(folder, version=version)
    assert message in str(raised.value)
