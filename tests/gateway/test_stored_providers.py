"""Providers that admins set up over the API: served at once, keys sealed, mistakes told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_api import api, ask
from tests.support.gateway_server import Reply, RunningGateway, post, running_gateway
from tests.support.twin import Twin, answering, twin

PROVIDERS = "/api/v2/ai/providers"
FIRST, SECOND, THIRD = (f"sk-{name}-0123456789abcdef" for name in ("first", "second", "third"))
CONFIG = 'era = "2.36"\n[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'
BODY = b'{"id":"r1","object":"response","output":[]}'
OK = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVISIONER_GATEWAY_SECRET", raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "g.toml").write_text(CONFIG)
    return tmp_path / "g.toml"


@pytest.fixture
def gateway(tmp_path: Path, config: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "state", config) as running:
        yield running


@pytest.fixture
def upstream() -> Iterator[Twin]:
    with twin(answering(OK + BODY)) as running:
        yield running


def call(gateway: RunningGateway, method: str, path: str = "", body: object = None) -> Reply:
    return ask(gateway, f"{PROVIDERS}{path}", method=method, body=body)


def new(gateway: RunningGateway, **body: object) -> Any:
    reply = call(gateway, "POST", body={"name": "own", "type": "openai", "enabled": True, **body})
    assert reply.status == 201, reply.body
    return json.loads(reply.body)


def changed(gateway: RunningGateway, **body: object) -> Any:
    reply = call(gateway, "PATCH", "/own", body)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def question(gateway: RunningGateway, name: str = "own", **headers: str) -> Reply:
    sent = gateway.headers(**headers)
    return post(gateway, {"model": "m", "input": "x"}, f"/{name}/v1/responses", sent)


def keys_used(upstream: Twin) -> list[str]:
    found = [request.header("Authorization")[0] for request in upstream.requests]
    return [value.removeprefix("Bearer ") for value in found]


def test_a_provider_is_served_from_the_moment_it_is_made(
    gateway: RunningGateway, upstream: Twin
) -> None:
    before = question(gateway)
    made = new(gateway, base_url=f"{upstream.url}/v1", api_keys=[FIRST], icon="/i.svg")
    answer = question(gateway)
    listed, shown = api(gateway, PROVIDERS), api(gateway, f"{PROVIDERS}/own")
    metrics = ask(gateway, "/metrics").body.decode()

    assert (before.status, answer.status, answer.body) == (404, 200, BODY)
    assert keys_used(upstream) == [FIRST]
    assert [provider["name"] for provider in listed] == ["openai", "own"]
    assert listed[1] == made == shown == api(gateway, f"{PROVIDERS}/{made['id']}")
    (key,) = made.pop("api_keys")
    assert {uuid.UUID(made.pop("id")), uuid.UUID(key.pop("id"))}
    assert key == {"masked": "sk-f...cdef", "created_at": made["created_at"]}
    assert datetime.fromisoformat(made.pop("created_at")).tzinfo is not None
    made.pop("updated_at")
    assert made == {
        "name": "own",
        "type": "openai",
        "display_name": "own",
        "icon": "/i.svg",
        "base_url": f"{upstream.url}/v1",
        "enabled": True,
        "settings": None,
        "upstream": "openai",
    }
    told = 'provider_info{provider_name="own",provider_type="openai",status="enabled"} 1.0'
    assert f"coder_ai_gateway_{told}" in metrics
    assert 'coder_ai_gateway_key_pool_state{provider="own",state="valid"} 1.0' in metrics


def test_what_a_change_names_is_so_at_once(gateway: RunningGateway, upstream: Twin) -> None:
    made = new(gateway, base_url="http://127.0.0.1:9/v1", api_keys=[FIRST, SECOND])
    ids = [key["id"] for key in made["api_keys"]]
    keys = [{"api_key": THIRD}, {"id": ids[1]}]
    after = changed(gateway, base_url=f"{upstream.url}/v1", api_keys=keys, display_name="Ours")
    served = question(gateway)
    changed(gateway, api_keys=[{"id": ids[1]}])
    question(gateway)
    off = changed(gateway, enabled=False)
    refused = question(gateway)
    on = changed(gateway, enabled=True, api_keys=[])
    without = question(gateway)
    changed(gateway, upstream="scripted", base_url="")
    scripted = question(gateway)

    assert [key["masked"] for key in after["api_keys"]] == ["sk-t...cdef", "sk-s...cdef"]
    assert after["api_keys"][1] == made["api_keys"][1]
    assert (after["display_name"], after["created_at"]) == ("Ours", made["created_at"])
    assert after["updated_at"] > made["updated_at"]
    assert served.status == 200
    assert keys_used(upstream) == [THIRD, SECOND]
    assert (off["enabled"], refused.status) == (False, 503)
    assert refused.body == b'provider_disabled: AI provider "own" is disabled\n'
    assert (on["api_keys"], without.status, scripted.status) == ([], 500, 200)


def test_a_removed_provider_is_gone_with_its_keys(gateway: RunningGateway) -> None:
    made = new(gateway, api_keys=[FIRST])
    statuses = [call(gateway, "DELETE", f"/{made['id']}").status for _ in range(2)]

    assert statuses == [204, 404]
    assert question(gateway).body == b"route not supported: POST /own/v1/responses\n"
    assert len(api(gateway, PROVIDERS)) == 1
    assert new(gateway)["id"] != made["id"]


def test_keys_are_opened_again_after_a_restart_and_stand_nowhere(
    tmp_path: Path, config: Path, upstream: Twin, caplog: pytest.LogCaptureFixture
) -> None:
    state = tmp_path / "state"
    with running_gateway(state, config) as gateway:
        made = new(gateway, base_url=f"{upstream.url}/v1", api_keys=[FIRST])
        token = gateway.token
    with running_gateway(state, config) as gateway:
        again = RunningGateway(gateway.port, token, state)
        assert question(again).status == 200
        assert api(again, f"{PROVIDERS}/own") == made
    (state / "provider-secret").write_text("another secret, which is as long as it has to be")
    with running_gateway(state, config) as gateway:
        stranger = RunningGateway(gateway.port, token, state)
        assert question(stranger).status == 404
        removed = call(stranger, "DELETE", "/own").status

    assert keys_used(upstream) == [FIRST]
    assert removed == 204
    assert not any(FIRST.encode() in path.read_bytes() for path in state.iterdir())
    assert "set PROVISIONER_GATEWAY_SECRET to it" in caplog.text


def test_a_configured_provider_stays_as_it_is(gateway: RunningGateway) -> None:
    documents = [
        (409, call(gateway, "POST", body={"name": "openai", "type": "openai"})),
        (409, call(gateway, "PATCH", "/openai", {"enabled": False})),
        (409, call(gateway, "DELETE", "/openai")),
    ]
    told = [(status, json.loads(reply.body)) for status, reply in documents]

    assert [reply.status for _, reply in documents] == [status for status, _ in documents]
    taken = [{"field": "name", "detail": "this value is already in use and should be unique"}]
    changes = {
        "message": 'The provider "openai" is one of the configuration.',
        "detail": "change it in the configuration file and start the gateway again",
    }
    assert [document for _, document in told] == [
        {"message": 'A provider with name "openai" already exists.', "validations": taken},
        changes,
        changes,
    ]
    assert question(gateway, "openai").status == 200


def test_a_configured_provider_wins_over_one_of_its_name(
    tmp_path: Path, config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = tmp_path / "state"
    with running_gateway(state, config) as gateway:
        made = new(gateway, base_url="http://127.0.0.1:9/v1")
        token = gateway.token
    config.write_text(CONFIG.replace('"openai"', '"own"', 1))
    with running_gateway(state, config) as started:
        gateway = RunningGateway(started.port, token, state)
        listed = [(entry["name"], entry["upstream"]) for entry in api(gateway, PROVIDERS)]
        statuses = [
            question(gateway).status,
            call(gateway, "DELETE", "/own").status,
            call(gateway, "DELETE", f"/{made['id']}").status,
            question(gateway).status,
        ]

    assert listed == [("own", "scripted"), ("own", "openai")]
    assert statuses == [200, 409, 204, 200]
    assert 'the provider "own" of the database is not served' in caplog.text


def test_only_admins_set_providers_up(gateway: RunningGateway) -> None:
    made = new(gateway)
    body = {"token_name": "laptop"}
    path = "/api/v2/users/ada/keys/tokens"
    token = json.loads(ask(gateway, path, method="POST", body=body).body)["key"]
    calls = [("POST", ""), ("PATCH", "/own"), ("DELETE", "/own"), ("GET", "/own"), ("GET", "")]
    replies = [
        ask(gateway, f"{PROVIDERS}{place}", method=method, body={"enabled": False}, token=token)
        for method, place in calls
    ]

    assert [reply.status for reply in replies] == [403] * 5
    assert api(gateway, f"{PROVIDERS}/own") == made


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "Own", "type": "openai"}, ["name"]),
        ({"type": "openai"}, ["name"]),
        ({"name": "own", "type": "smtp"}, ["type"]),
        ({"name": "own", "type": "bedrock"}, ["type"]),
        ({"name": "own", "type": "azure"}, ["type"]),
        ({"name": "own", "type": "openai", "base_url": "ftp://x"}, ["base_url"]),
        ({"name": "own", "type": "openai", "base_url": "http://a:b@x/v1"}, ["base_url"]),
        ({"name": "own", "type": "openai", "enabled": "yes"}, ["enabled"]),
        ({"name": "own", "type": "openai", "upstream": "x"}, ["upstream"]),
        ({"name": "own", "type": "openai", "settings": {"_type": "x"}}, ["settings"]),
        ({"name": "own", "type": "openai", "api_keys": ["a\r\nb"]}, ["api_keys[0]"]),
        ({"name": "own", "type": "openai", "api_keys": ["a "]}, ["api_keys[0]"]),
        ({"name": "own", "type": "openai", "api_keys": ["a", "a"]}, ["api_keys"]),
        ({"name": "own", "type": "openai", "api_keys": list("abcdef")}, ["api_keys"]),
        ({"name": "own", "type": "copilot", "api_keys": ["a"]}, ["api_keys"]),
        ({"name": "own", "type": "openai", "key": "a"}, ["key"]),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    gateway: RunningGateway, body: dict[str, object], fields: list[str]
) -> None:
    reply = call(gateway, "POST", body=body)

    assert (reply.status, len(api(gateway, PROVIDERS))) == (400, 1)
    assert [entry["field"] for entry in json.loads(reply.body)["validations"]] == fields


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "other"}, "name"),
        ({"type": "anthropic"}, "type"),
        ({"base_url": "x"}, "base_url"),
        ({"api_keys": [{"id": "x"}]}, "api_keys[0].id"),
        ({"api_keys": [{}]}, "api_keys[0]"),
        ({"api_keys": ["sk-plain"]}, "api_keys[0]"),
        ({"upstream": "replay"}, "type"),
    ],
)
def test_a_wrong_change_changes_nothing(
    gateway: RunningGateway, body: dict[str, object], field: str
) -> None:
    made = new(gateway, api_keys=[FIRST])
    reply = call(gateway, "PATCH", "/own", body)

    assert (reply.status, api(gateway, f"{PROVIDERS}/own")) == (400, made)
    assert [entry["field"] for entry in json.loads(reply.body)["validations"]] == [field]


def test_a_provider_is_off_until_it_is_switched_on(gateway: RunningGateway) -> None:
    made = json.loads(call(gateway, "POST", body={"name": "own", "type": "openai"}).body)
    empty = call(gateway, "PATCH", "/own", {"settings": None})

    assert (made["enabled"], question(gateway).status, empty.status) == (False, 503, 400)


def test_older_releases_do_not_have_it(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "state") as gateway:
        assert call(gateway, "POST", body={"name": "own", "type": "openai"}).status == 404
