"""Tokens that a Coder deployment or a webhook knows."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from provisioner.gateway.record.model import InterceptionRecord
from tests.support.certificates import Authority
from tests.support.command import provisioner
from tests.support.gateway_api import api, ask
from tests.support.gateway_server import RunningGateway, gateway_process, post, running_gateway
from tests.support.loopback import Request, Told, closed_port, serving, silent_server

QUESTION = {"model": "gpt-5.5", "input": "hello"}
ADA = {"id": "u-1", "username": "ada", "status": "active", "roles": []}


def config_file(tmp_path: Path, kind: str, url: str, more: str = "") -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(f'[token_check]\nkind = "{kind}"\nurl = "{url}"\n{more}')
    return path


def status(gateway: RunningGateway, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return post(gateway, QUESTION, headers=headers).status


def test_a_coder_deployment_says_who_it_is(tmp_path: Path) -> None:
    def tell(request: Request) -> Told:
        if request.headers.get("coder-session-token") != "coder-token":
            return 401, {}, "{}"
        return 200, {}, json.dumps(ADA)

    with serving(tell) as coder:
        path = config_file(tmp_path, "coder", f"{coder.url}/")
        with running_gateway(tmp_path / "state", path) as gateway:
            answers = [status(gateway, token) for token in ("coder-token", "other")]
            assert [*answers, status(gateway, "coder-token")] == [200, 403, 200]
            assert status(gateway, gateway.token) == 200
            records: tuple[InterceptionRecord, ...] = gateway.ended(3)

    assert [(r.initiator, r.initiator_id) for r in records][1:] == [("ada", "u-1")] * 2
    asked = [(request.method, request.path) for request in coder.requests]
    # Once for each token, and never about a token of the gateway itself.
    assert asked == [("GET", "/api/v2/users/me")] * 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, {}, json.dumps({**ADA, "status": "suspended"})), 403),
        ((200, {}, json.dumps({**ADA, "id": ""})), 403),
        ((200, {}, "[]"), 403),
        ((404, {}, "{}"), 403),
        ((200, {}, "not json"), 503),
        ((500, {}, json.dumps(ADA)), 503),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), 503),
    ],
)
def test_whatever_is_no_clear_yes_is_a_no(tmp_path: Path, answer: Told, expected: int) -> None:
    with serving(lambda _: answer) as coder:
        path = config_file(tmp_path, "coder", coder.url)
        with running_gateway(tmp_path / "state", path) as gateway:
            assert status(gateway, "token") == expected
            assert gateway.records() == ()


@pytest.mark.parametrize(("trusted", "expected"), [(True, 200), (False, 503)])
def test_a_deployment_with_an_authority_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool, expected: int
) -> None:
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with serving(lambda _: (200, {}, json.dumps(ADA)), authority.server()) as coder:
        path = config_file(tmp_path, "coder", coder.url)
        with gateway_process(tmp_path / "state", "--config", str(path)) as (_, gateway):
            assert status(gateway, "token") == expected


def test_nobody_is_let_in_when_nobody_answers(tmp_path: Path) -> None:
    path = config_file(tmp_path, "coder", closed_port())
    with running_gateway(tmp_path / "state", path) as gateway:
        reply = post(gateway, QUESTION, headers={"Authorization": "Bearer token"})
        assert (reply.status, reply.body) == (503, b"could not connect to coderd\n")
        assert status(gateway, gateway.token) == 200


def test_a_deployment_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.token_check._SECONDS", 0.2)
    with silent_server() as url:
        path = config_file(tmp_path, "coder", url)
        with running_gateway(tmp_path / "state", path) as gateway:
            assert status(gateway, "token") == 503


def test_a_webhook_says_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "only-for-the-hook")
    forms: list[dict[str, list[str]]] = []

    def tell(request: Request) -> Told:
        assert request.headers["authorization"] == "Bearer only-for-the-hook"
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        forms.append(parse_qs(request.body.decode()))
        good = forms[-1] == {"token": ["a&b=+c"]}
        claims = {"active": good, "sub": "u-2", "username": "bob", "groups": ["ml", 7]}
        return 200, {}, json.dumps(claims)

    with serving(tell) as hook:
        more = 'secret_env = "HOOK_SECRET"\n'
        path = config_file(tmp_path, "webhook", f"{hook.url}/check", more)
        with running_gateway(tmp_path / "state", path) as gateway:
            assert [status(gateway, token) for token in ("a&b=+c", "other")] == [200, 403]
            (record,) = gateway.ended(1)

    assert (record.initiator, record.initiator_id) == ("bob", "u-2")
    assert [request.path for request in hook.requests] == ["/check", "/check"]


def test_an_id_elsewhere_is_no_name_here(tmp_path: Path) -> None:
    eve = {"active": True, "sub": "local", "username": "local"}
    with serving(lambda _: (200, {}, json.dumps(eve))) as hook:
        path = config_file(tmp_path, "webhook", hook.url)
        with running_gateway(tmp_path / "state", path) as gateway:
            status(gateway, gateway.token)
            gateway.ended(1)
            for name in ("me", "local"):
                tokens = f"/api/v2/users/{name}/keys/tokens"
                assert ask(gateway, tokens, token="eve").status == 404
                gone = ask(
                    gateway, f"/api/v2/users/{name}/keys/first", method="DELETE", token="eve"
                )
                assert gone.status == 404
            sessions = api(gateway, "/api/v2/aibridge/sessions", token="eve")
            assert sessions == {"count": 0, "sessions": []}


def test_tokens_of_a_gateway_are_never_told_to_others(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "first") as first:
        path = config_file(tmp_path, "coder", f"http://127.0.0.1:{first.port}", "cache_seconds = 0")
        with running_gateway(tmp_path / "second", path) as second:
            assert status(second, first.token) == 403
            assert status(second, second.token) == 200


def test_what_the_configuration_must_say(tmp_path: Path) -> None:
    texts = {
        "file:///etc/passwd": "token_check.url: must be an http or https address without a user",
        "https://u:p@h": "token_check.url: must be an http or https address without a user",
    }
    for url, message in texts.items():
        done = provisioner("gateway", "serve", "--config", config_file(tmp_path, "coder", url))
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
    unset = config_file(tmp_path, "webhook", "https://h", 'secret_env = "NOT_SET"\n')
    state = ("--state", tmp_path / "state")
    done = provisioner("gateway", "serve", "--port", "0", "--config", unset, *state)
    assert done.stderr == (
        f"error: {unset}: token_check.secret_env: the variable NOT_SET is not set\n"
    )
