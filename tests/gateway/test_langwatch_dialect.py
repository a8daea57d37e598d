"""The dialect `langwatch` where one exchange does not show it: time, streams, health, failures."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.gateway.config import configured
from provisioner.gateway.dialects.langwatch import LangWatchDialect
from provisioner.gateway.langwatch_config import LangWatchConfig
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.server import GatewayServer
from provisioner.gateway.wire import WireError
from tests.support.gateway_api import api
from tests.support.gateway_server import Reply, RunningGateway, post, running_gateway, send
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, twin
from tests.support.virtual_keys import virtual_key

DIALECT = 'dialect = "langwatch"\n'
SCRIPTED = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'
QUESTION = {"model": "gpt-6-sol", "input": "hello", "stream": True}
DONE = (
    b'data: {"type":"response.completed","response":{"id":"r","status":"completed","usage":'
    b'{"input_tokens":1,"output_tokens":1,"total_tokens":2}}}\n\n'
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@contextmanager
def gateway_of(folder: Path, rest: str = SCRIPTED) -> Iterator[RunningGateway]:
    write_tree(folder, {"g.toml": DIALECT + rest})
    with running_gateway(folder / "state", folder / "g.toml") as gateway:
        yield gateway


def http_provider(name: str, url: str) -> str:
    return (
        f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "openai"\n'
        f'base_url = "{url}/{name}/v1"\nkey_env = ["K"]\nidle_seconds = 0.3\n'
    )


def ask(gateway: RunningGateway, key: str) -> Reply:
    return post(gateway, QUESTION, "/v1/responses", {"Authorization": f"Bearer {key}"})


def code(reply: Reply) -> str:
    return str(json.loads(reply.body)["error"]["code"])


@pytest.mark.parametrize("path", ["/health", "/healthz", "/readyz", "/startupz"])
def test_health_needs_no_key(tmp_path: Path, path: str) -> None:
    with gateway_of(tmp_path) as gateway:
        reply = send(gateway, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert (reply.status, reply.body) == (200, b"OK")


def test_a_chain_goes_on_when_a_stream_ends_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K", "provider-key")

    def play(request: TwinRequest, connection: socket.socket) -> None:
        if "/first/" in request.line:
            connection.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n"))
        else:
            connection.sendall(HEAD + DONE)
        connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        rest = http_provider("first", service.url) + http_provider("second", service.url)
        with gateway_of(tmp_path, rest) as gateway:
            key = virtual_key(gateway, policy={"routing_mode": "fallback_all"})
            reply = ask(gateway, key)

    assert (reply.status, reply.body) == (200, DONE)
    assert reply.headers["X-LangWatch-Provider"] == "second"
    assert reply.headers["X-LangWatch-Fallback-Count"] == "1"


@pytest.mark.parametrize(
    ("head", "told"),
    [("", "upstream_timeout"), ('langwatch.follow = "code"\n', "provider_timeout")],
)
def test_a_provider_that_is_too_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, told: str
) -> None:
    monkeypatch.setenv("K", "provider-key")
    with (
        twin(lambda _request, _connection: None) as service,
        gateway_of(tmp_path, head + http_provider("slow", service.url)) as gateway,
    ):
        reply = ask(gateway, virtual_key(gateway))

    assert (reply.status, code(reply)) == (504, told)


def test_a_stream_that_is_too_slow_ends_in_the_words_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K", "provider-key")
    with (
        twin(lambda _request, connection: connection.sendall(HEAD + b": hi\n\n")) as service,
        gateway_of(tmp_path, http_provider("slow", service.url)) as gateway,
    ):
        events = ask(gateway, virtual_key(gateway)).body.decode().split("\n\n")

    names = [line for event in events for line in event.splitlines() if line.startswith("event")]
    assert names == ["event: error", "event: response.failed"]
    assert '"code":"upstream_mid_stream_failure"' in events[1]


def test_a_change_of_the_key_holds_on_another_gateway_within_a_second(tmp_path: Path) -> None:
    write_tree(tmp_path, {"g.toml": DIALECT + SCRIPTED})
    state, config = tmp_path / "state", tmp_path / "g.toml"
    with running_gateway(state, config) as one, running_gateway(state, config) as two:
        made = post(one, {"name": "k"}, KEYS)
        key = json.loads(made.body)["key"]
        assert ask(two, key).status == 200
        for action, status in (("disable", 403), ("enable", 200), ("revoke", 403)):
            assert post(one, {}, f"{KEYS}/k/{action}").status == 200
            assert ask(one, key).status == status
            deadline = time.monotonic() + 5
            while ask(two, key).status != status:
                assert time.monotonic() < deadline


KEYS = "/api/v2/ai-gateway/virtual-keys"


def test_both_secrets_of_a_rotated_key_work(tmp_path: Path) -> None:
    with gateway_of(tmp_path) as gateway:
        old = virtual_key(gateway, name="k")
        rotated = json.loads(post(gateway, {}, f"{KEYS}/k/rotate").body)
        new = rotated["key"]
        both = [ask(gateway, key).status for key in (old, new)]
        newest = json.loads(post(gateway, {}, f"{KEYS}/k/rotate").body)["key"]
        after = [ask(gateway, key).status for key in (old, new, newest)]

    assert rotated["former_secret_until"] is not None
    assert new[:11] == old[:11] == "vk-lw-live_"
    assert len({old, new, newest}) == 3
    assert both == [200, 200]
    assert after == [401, 200, 200]


def test_a_virtual_key_of_an_admin_manages_nothing(tmp_path: Path) -> None:
    with gateway_of(tmp_path) as gateway:
        key = virtual_key(gateway, user="local")
        reply = post(gateway, {}, KEYS, {"Authorization": f"Bearer {key}"})

    assert reply.status == 403


@pytest.mark.parametrize("name", ["", "ci"])
def test_a_shared_key_sees_nothing_of_one_that_is_shown_alike(tmp_path: Path, name: str) -> None:
    def seen(key: str) -> list[str]:
        listed = api(gateway, "/api/v2/ai-gateway/interceptions", token=key)
        return [told["initiator"]["username"] for told in listed["results"]]

    budget = '[[budget]]\nname = "b"\nscope = "principal"\nwindow = "total"\nlimit_requests = 1\n'
    with gateway_of(tmp_path, SCRIPTED + budget) as gateway:
        first = virtual_key(gateway, name=name)
        assert [ask(gateway, first).status for _ in range(2)] == [200, 402]
        gateway.ended(2)
        before = seen(first)
        if name:
            path = "/api/v2/ai-gateway/virtual-keys/ci"
            api(gateway, path, method="PATCH", body={"name": "old"})
        second = virtual_key(gateway, name=name)
        nothing = seen(second)
        assert ask(gateway, second).status == 200

    assert len(before) == 2
    assert before[0].startswith("key:")
    assert nothing == []


def test_other_dialects_let_nobody_in_with_a_virtual_key(tmp_path: Path) -> None:
    with gateway_of(tmp_path) as gateway:
        key = virtual_key(gateway, policy={"models_allowed": ["nothing"]})
    (tmp_path / "g.toml").write_text('dialect = "openai-compatible"\n' + SCRIPTED)
    with running_gateway(tmp_path / "state", tmp_path / "g.toml") as other:
        assert ask(other, key).status == 401


def test_the_database_and_its_files_hold_no_key(tmp_path: Path) -> None:
    with gateway_of(tmp_path) as gateway:
        key = virtual_key(gateway)
        ask(gateway, key)
        gateway.ended(1)
    state = tmp_path / "state"

    assert (state / "key-pepper").stat().st_mode & 0o777 == 0o600
    for file in state.iterdir():
        assert key.encode() not in file.read_bytes(), file


def test_gateways_on_one_postgresql_need_one_pepper(tmp_path: Path) -> None:
    write_tree(tmp_path, {"g.toml": DIALECT + 'database = "postgresql://x/y"\n' + SCRIPTED})
    config = configured(tmp_path / "g.toml", host=None, port=0)

    with pytest.raises(InputError, match="need PROVISIONER_GATEWAY_PEPPER"):
        asyncio.run(GatewayServer(config, tmp_path / "state").start())


def test_refusals_that_need_an_accident_to_be_seen() -> None:
    dialect = LangWatchDialect(LangWatchConfig(), ())
    away = dialect.denied(Denial(Reason.POLICY_UNAVAILABLE, "budgets cannot be checked now"))

    defect = dialect.internal_error().answer
    message = {
        "type": "internal_error",
        "code": "internal_error",
        "message": "internal server error",
    }
    assert (defect.status, json.loads(defect.body)) == (500, {"error": message})
    assert defect.headers["X-LangWatch-Handled-Error"] == "internal_error"
    assert told(dialect.not_recorded()) == (500, "internal_error")
    assert told(dialect.authentication_away()) == told(away) == (503, "auth_upstream_unavailable")
    assert told(dialect.at_capacity()) == told(dialect.shutting_down()) == (503, "overloaded")
    assert told(dialect.body_too_slow()) == (408, "bad_request")
    assert told(dialect.rate_limited()) == (429, "vk_rate_limit_exceeded")


def told(error: WireError) -> tuple[int, str]:
    return error.answer.status, json.loads(error.answer.body)["error"]["code"]
