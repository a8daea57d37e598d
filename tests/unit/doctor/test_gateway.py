"""Checks of a gateway, against the reference gateway and against servers that are something else."""

from __future__ import annotations

import dataclasses
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provisioner.doctor.examine import examine
from provisioner.doctor.model import Check
from tests.support.fake_codex import chatgpt_auth, jwt
from tests.support.gateway_server import running_gateway
from tests.support.loopback import Request, Told, closed_port, serving, silent_server
from tests.unit.doctor.patients import (
    CREDENTIALS,
    TOKEN,
    checked,
    own_config,
    patient_for,
    patient_with,
    plan_at,
    seen_by,
)

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
NO_TOKEN: Told = (400, PLAIN, "no authentication key provided\n")
CODERD_404: Told = (404, JSON, '{"message": "Route not found."}')
WITH_CREDENTIALS = ("token-accepted", "chatgpt-provider", "byok-allowed", "model-offered")


def coder(inside: Told, path: str = "/api/v2/aibridge/") -> Any:
    """Return what a deployment tells: `inside` to whoever brings a token."""

    def tell(request: Request) -> Told:
        if not request.path.startswith(path):
            return CODERD_404
        if request.headers.get("upgrade"):
            return (426, PLAIN, "no")
        has_token = {"authorization", "x-coder-ai-governance-token"} & set(request.headers)
        return inside if has_token else NO_TOKEN

    return tell


def with_login(folder: Path) -> None:
    chatgpt_auth(folder / "home", jwt(exp=int(time.time()) + 3600))


@pytest.mark.parametrize("flow", ["centralized", "byok", "chatgpt"])
def test_the_reference_gateway_passes(tmp_path: Path, flow: str) -> None:
    with_login(tmp_path)
    config = tmp_path / "gateway.toml"
    config.write_text(
        'era = "2.36"\n'
        + "".join(
            f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "scripted"\n'
            for name in ("openai", "chatgpt")
        )
    )
    with running_gateway(tmp_path / "state", config) as gateway:
        caller = dict.fromkeys(CREDENTIALS, gateway.token) | {
            "OPENAI_API_KEY": CREDENTIALS["OPENAI_API_KEY"]
        }
        plan = plan_at(f"http://127.0.0.1:{gateway.port}", flow)
        checks = checked(patient_for(tmp_path, plan, caller))
        recorded = gateway.records()

    assert seen_by(checks) == {}
    assert checks["token-accepted"].status.value == "ok"
    assert checks["websocket"].status.value == "ok"
    assert "426" in checks["websocket"].seen
    assert "/api/v2/ai-gateway answers too" in checks["path-right"].seen
    assert recorded == ()


@pytest.mark.parametrize(
    ("config", "flow", "token", "failing"),
    [
        ("", "chatgpt", True, "chatgpt-provider"),
        ("allow_byok = false\n", "byok", True, "byok-allowed"),
        ("", "centralized", False, "token-accepted"),
    ],
)
def test_the_reference_gateway_refuses_and_the_right_check_says_so(
    tmp_path: Path, config: str, flow: str, *, token: bool, failing: str
) -> None:
    with_login(tmp_path)
    (tmp_path / "gateway.toml").write_text(config)
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
        caller = dict(CREDENTIALS)
        if token:
            caller["CODER_API_TOKEN"] = gateway.token
        plan = plan_at(f"http://127.0.0.1:{gateway.port}", flow)
        checks = checked(patient_for(tmp_path, plan, caller))

    assert seen_by(checks) == {failing: "failed"}
    assert checks[failing].fix


CAUSES: list[tuple[str, Told, str, str]] = [
    ("centralized", NO_TOKEN, "token-accepted", "saw no token"),
    ("centralized", (403, PLAIN, "unauthorized\n"), "token-accepted", "refuses the token"),
    ("byok", (403, PLAIN, "unauthorized\n"), "token-accepted", "refuses the token"),
    (
        "byok",
        (403, JSON, '{"message": "Bring Your Own Key (BYOK) mode is not enabled."}'),
        "byok-allowed",
        "BYOK",
    ),
    (
        "chatgpt",
        (404, PLAIN, "route not supported: GET /chatgpt/v1/models\n"),
        "chatgpt-provider",
        "no provider named chatgpt",
    ),
    (
        "chatgpt",
        (503, PLAIN, 'provider_disabled: AI provider "chatgpt" is disabled'),
        "chatgpt-provider",
        "disabled",
    ),
    (
        "centralized",
        (404, PLAIN, "route not supported: GET /openai/v1/models\n"),
        "path-right",
        "route not supported",
    ),
    (
        "centralized",
        (403, PLAIN, "AI budget of US$5.00 exceeded. Please contact an administrator."),
        "token-accepted",
        "US$5.00 exceeded",
    ),
    (
        "byok",
        (401, JSON, '{"error": {"message": "Incorrect API key provided"}}'),
        "token-accepted",
        "refuses your own key (Incorrect API key provided)",
    ),
    ("chatgpt", (401, JSON, "{}"), "token-accepted", "refuses the ChatGPT login"),
    ("centralized", (401, JSON, "{}"), "token-accepted", "the gateway's own key"),
    ("centralized", (502, PLAIN, "upstream proxy error"), "token-accepted", "upstream proxy error"),
]


@pytest.mark.parametrize(
    ("flow", "inside", "failing", "words"), CAUSES, ids=[f"{c[0]}-{c[1][0]}-{c[2]}" for c in CAUSES]
)
def test_each_answer_of_coder_has_its_cause_and_fix(
    tmp_path: Path, flow: str, inside: Told, failing: str, words: str
) -> None:
    with_login(tmp_path)
    with serving(coder(inside)) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url, flow)))

    assert seen_by(checks) == {failing: "failed"}
    assert words in checks[failing].seen
    assert checks[failing].fix


def test_a_rate_limit_is_no_failure(tmp_path: Path) -> None:
    with serving(coder((429, JSON, '{"message": "You\'ve been rate limited."}'))) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url)))

    assert seen_by(checks) == {"token-accepted": "warning"}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (CODERD_404, "knows no AI Gateway"),
        ((404, JSON, '{"message": "aibridged handler not mounted"}'), "switched off"),
        ((403, JSON, '{"message": "AI Gateway is a Premium feature."}'), "no licence"),
        ((418, PLAIN, "teapot"), "HTTP 418"),
    ],
)
def test_a_deployment_without_the_gateway_is_recognized(
    tmp_path: Path, told: Told, words: str
) -> None:
    with serving(lambda _: told) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url)))

    assert checks["path-right"].status.value == "failed"
    assert words in checks["path-right"].seen


def test_the_path_that_does_answer_is_named(tmp_path: Path) -> None:
    with serving(coder((200, JSON, "{}"), path="/api/v2/ai-gateway/")) as server:
        check = checked(patient_for(tmp_path, plan_at(server.url)))["path-right"]

    assert check.status.value == "failed"
    assert "/api/v2/ai-gateway does" in check.seen
    assert "give the gateway's URL with the path /api/v2/ai-gateway" in check.fix


def assert_unreachable(checks: Mapping[str, Check], words: str) -> None:
    check = checks["gateway-reachable"]
    assert check.status.value == "failed"
    assert words in check.seen
    assert check.fix
    assert {checks[name].status.value for name in WITH_CREDENTIALS} == {"skipped"}
    assert checks["config-loads"].status.value == "ok"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((200, {"Content-Type": "text/html"}, "<html><title>Sign\n in</title>"), '"Sign in" (200)'),
        ((403, {}, "\n<!DOCTYPE HTML><p>Blocked"), "a web page (403)"),
        ((302, {"Location": "https://login.example.com/?next=1"}, ""), "another host"),
        ((307, {"Location": "/elsewhere"}, ""), "/elsewhere"),
    ],
)
def test_what_stands_in_between_never_sees_a_credential(
    tmp_path: Path, told: Told, words: str
) -> None:
    with serving(lambda _: told) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url, "byok")))

    assert_unreachable(checks, words)
    sent = json.dumps([dict(request.headers) for request in server.requests])
    assert not any(value in sent for value in CREDENTIALS.values())
    assert "authorization" not in sent


def test_a_redirect_of_a_request_with_credentials_is_not_followed(tmp_path: Path) -> None:
    with (
        serving(lambda _: (200, JSON, "{}")) as other,
        serving(coder((302, {"Location": f"{other.url}/x"}, ""))) as server,
    ):
        checks = checked(patient_for(tmp_path, plan_at(server.url)))

    assert checks["token-accepted"].status.value == "failed"
    assert other.requests == []


def test_a_closed_port_is_refused_at_once(tmp_path: Path) -> None:
    start = time.monotonic()
    checks = checked(patient_for(tmp_path, plan_at(closed_port())))

    assert_unreachable(checks, "nothing listens there")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "it accepted the connection and sent no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "the answer did not end"),
    ],
)
def test_a_silent_server_costs_no_more_than_the_deadline(
    tmp_path: Path, said: bytes, words: str
) -> None:
    with silent_server(said) as url:
        patient_ = patient_for(tmp_path, plan_at(url), seconds=0.5)
        start = time.monotonic()
        checks = checked(patient_)
        spent = time.monotonic() - start

    assert_unreachable(checks, f"no answer within 0.5 s: {words}")
    assert spent < 5


def test_a_tls_handshake_that_hangs_is_told(tmp_path: Path) -> None:
    with silent_server() as url:
        plan = plan_at(url.replace("http:", "https:"))
        checks = checked(patient_for(tmp_path, plan, seconds=0.5))

    assert_unreachable(checks, "the TLS handshake did not end")


def test_a_name_without_an_address_is_told(tmp_path: Path) -> None:
    checks = checked(patient_for(tmp_path, plan_at("https://gateway.invalid"), seconds=3.0))

    assert_unreachable(checks, "gateway.invalid does not resolve")


def test_an_untrusted_certificate_is_told(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on PATH")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with serving(lambda _: NO_TOKEN, context) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url)))

    assert_unreachable(checks, "TLS failed: self-signed certificate")
    assert "SSL_CERT_FILE" in checks["gateway-reachable"].fix


def test_a_proxy_is_used_and_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(coder((200, JSON, "{}"), path="http://gateway.invalid/api/v2/")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//user:secret-word@"))
        checks = checked(patient_for(tmp_path, plan_at("http://gateway.invalid")))

    check = checks["gateway-reachable"]
    assert f"through the proxy {proxy.url}" in check.seen
    assert "clear text" in check.seen
    assert "secret-word" not in "".join(c.seen + c.fix for c in checks.values())
    assert checks["token-accepted"].status.value == "ok"


@pytest.mark.parametrize(
    ("variable", "proxy", "words"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY names a SOCKS proxy"),
        ("all_proxy", "gopher://127.0.0.1:9", "all_proxy names a proxy that is not of HTTP"),
        ("HTTPS_PROXY", "http://user:secret-word@h:99999", "HTTPS_PROXY is not the URL of a proxy"),
        ("https_proxy", "http://[secret-word", "https_proxy is not the URL of a proxy"),
        ("HTTPS_PROXY", "http://", "HTTPS_PROXY is not the URL of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_failed_check(
    variable: str, proxy: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, proxy)

    checks = checked(patient_for(tmp_path, plan_at("https://coder.example.com")))

    assert_unreachable(checks, words)
    assert variable in checks["gateway-reachable"].fix
    assert "secret-word" not in "".join(c.seen + c.fix for c in checks.values())


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_is_not_for_the_gateway_does_not_matter(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://[bad")
    if variable == "HTTP_PROXY":
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(coder((200, JSON, "{}"))) as server:
        checks = checked(patient_for(tmp_path, plan_at(server.url)))

    assert checks["token-accepted"].status.value == "ok"


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"])
@pytest.mark.parametrize(
    ("text", "words"), [("no PEM", "no certificates in PEM form"), (None, "No such file")]
)
def test_a_file_that_holds_no_certificate_is_a_failed_check(
    variable: str, text: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv(variable, str(file))

    checks = checked(patient_for(tmp_path, plan_at("https://coder.example.com")))

    assert_unreachable(checks, f"{variable} names {file}, which")
    assert words in checks["gateway-reachable"].seen
    assert variable in checks["gateway-reachable"].fix


def test_an_answer_that_drips_ends_with_the_deadline(tmp_path: Path) -> None:
    with silent_server(b"HTTP/1.1 200 OK\r\n\r\n", drip=b"x") as url:
        patient_ = patient_for(tmp_path, plan_at(url), seconds=0.5)
        start = time.monotonic()
        checks = checked(patient_)

    assert_unreachable(checks, "no answer within 0.5 s: the answer did not end")
    assert time.monotonic() - start < 5


def test_without_a_usable_credential_none_is_sent(tmp_path: Path) -> None:
    with serving(coder((200, JSON, "{}"))) as server:
        caller = {**CREDENTIALS, "CODER_API_TOKEN": f"{TOKEN}\n"}
        checks = checked(patient_for(tmp_path, plan_at(server.url, "byok"), caller))

    assert seen_by(checks) == {"credential-present": "failed"}
    assert checks["token-accepted"].seen == "CODER_API_TOKEN cannot be sent as it is"
    assert all("authorization" not in request.headers for request in server.requests)


def test_a_stored_key_that_cannot_be_sent_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    stored = tmp_path / "home" / "auth.json"
    stored.write_text(json.dumps({"OPENAI_API_KEY": "sk-stored-1234567890\n"}))
    stored.chmod(0o600)
    with serving(coder((200, JSON, "{}"))) as server:
        plan = plan_at(server.url, "byok", credential="api_key_login")
        checks = checked(patient_for(tmp_path, plan))

    assert seen_by(checks) == {"credential-present": "failed"}
    assert checks["token-accepted"].seen == f"the login in {stored} cannot be sent as it is"
    assert "sk-stored-1234567890" not in "".join(c.seen + c.fix for c in checks.values())


def test_a_header_that_cannot_be_sent_is_not_blamed_on_the_gateway(tmp_path: Path) -> None:
    with serving(coder((200, JSON, "{}"))) as server:
        patient_ = patient_for(tmp_path, plan_at(server.url))
        facts = dataclasses.replace(patient_.facts, env_http_headers={"X-Team": "TEAM"})
        config = dataclasses.replace(patient_.config, facts=facts)
        caller = {**CREDENTIALS, "TEAM": "red\nblue"}
        ill = dataclasses.replace(patient_, config=config, caller=caller)
        check = checked(ill)["token-accepted"]

    assert check.status.value == "failed"
    assert check.seen == "with credentials: the request holds a header that cannot be sent"
    assert "overloaded" not in check.fix


def test_the_flow_sends_what_codex_would(tmp_path: Path) -> None:
    with_login(tmp_path)
    with serving(coder((200, JSON, '{"models": []}'))) as server:
        checked(patient_for(tmp_path, plan_at(server.url, "chatgpt")))

    inside = [r for r in server.requests if "authorization" in r.headers]
    assert [r.path.split("?")[0].rsplit("/", 1)[1] for r in inside] == ["models", "responses"]
    assert {r.method for r in server.requests} == {"GET"}
    assert inside[0].path.endswith("?client_version=0.169.0")
    assert inside[0].headers["chatgpt-account-id"] == "account-1"
    assert inside[0].headers["x-coder-ai-governance-token"] == TOKEN


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ((200, JSON, '{"data": [{"id": "m"}]}'), "ok"),
        ((401, JSON, '{"error": {"message": "bad key"}}'), "failed"),
        ((403, PLAIN, "no"), "failed"),
        ((404, PLAIN, "no such route"), "warning"),
        ((500, PLAIN, "boom"), "failed"),
    ],
)
def test_any_other_gateway_is_checked_by_its_list_of_models(
    tmp_path: Path, told: Told, status: str
) -> None:
    with serving(lambda _: told) as server:
        plan = plan_at(f"{server.url}/v1", gateway={"kind": "openai-compatible"})
        checks = checked(patient_for(tmp_path, plan, {"AI_GATEWAY_API_KEY": TOKEN}))

    assert checks["token-accepted"].status.value == status
    assert checks["path-right"].status.value == "skipped"
    assert checks["gateway-reachable"].status.value == "ok"


def test_what_a_server_says_is_shown_without_secrets_and_escapes(tmp_path: Path) -> None:
    def echo(request: Request) -> Told:
        return 500, PLAIN, f"\x1b[2J{request.headers.get('authorization', '')}"

    with serving(echo) as server:
        plan = plan_at(f"{server.url}/v1", gateway={"kind": "openai-compatible"})
        checks = examine(patient_for(tmp_path, plan, {"AI_GATEWAY_API_KEY": TOKEN}))

    text = "".join(check.seen + check.fix for check in checks)
    assert "Bearer gate...6789" in text
    assert TOKEN not in text
    assert text.isprintable()


def test_a_websocket_that_would_be_tried_and_not_refused_is_a_warning(tmp_path: Path) -> None:
    def tell(request: Request) -> Told:
        return (500, PLAIN, "failed") if "upgrade" in request.headers else (200, JSON, "{}")

    with serving(tell) as server:
        plan = plan_at(server.url)
        assert checked(patient_for(tmp_path, plan))["websocket"].status.value == "ok"
        config = own_config(plan, provider="supports_websockets = true")
        check = checked(patient_with(tmp_path, plan, config))["websocket"]

    assert check.status.value == "warning"
    table = f"[model_providers.{plan.codex.provider.id}] in {tmp_path}/own/config.toml"
    assert check.fix == f"take supports_websockets out of {table} (coder/coder#26565)"
