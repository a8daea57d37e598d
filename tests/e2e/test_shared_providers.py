"""Providers set up over the API: two workers, or two gateways, serve the same ones soon after."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.gateway_api import ask
from tests.support.gateway_server import Reply, RunningGateway, gateway_process, post
from tests.support.postgres_server import PostgresServer
from tests.support.twin import answering, twin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

PROVIDERS = "/api/v2/ai/providers"
SECRET = "one long random text for all of them"
KEY = "sk-own-0123456789abcdef"
OK = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
# The promise is one second; the other is for a machine that runs all tests at once.
HEARD_SECONDS = 2
ROUNDS = 8


@pytest.fixture(params=["workers", pytest.param("replicas", marks=pytest.mark.needs_postgres)])
def gateways(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningGateway, ...]]:
    """Run two workers, or two gateways on one PostgreSQL; all take one token."""
    (tmp_path / "g.toml").write_text('era = "2.36"\n')
    options, count = ["--config", str(tmp_path / "g.toml")], 1
    if request.param == "replicas":
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", server.new_database())
        monkeypatch.setenv("PROVISIONER_GATEWAY_SECRET", SECRET)
        count = 2
    else:
        monkeypatch.delenv("PROVISIONER_GATEWAY_SECRET", raising=False)
        options += ["--workers", "2"]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(gateway_process(tmp_path / f"s{number}", *options))[1]
            for number in range(count)
        ]
        yield tuple(replace(gateway, token=started[0].token) for gateway in started)


def statuses(gateways: tuple[RunningGateway, ...]) -> set[int]:
    """Return what the gateways answer now; each connection may meet another worker."""
    return {
        post(gateway, {"model": "m", "input": "x"}, "/own/v1/responses").status
        for gateway in gateways
        for _ in range(ROUNDS)
    }


def change(gateway: RunningGateway, method: str, path: str = "", body: object = None) -> Reply:
    reply = ask(gateway, f"{PROVIDERS}{path}", method=method, body=body)
    time.sleep(HEARD_SECONDS)
    return reply


def test_all_serve_what_one_was_told(gateways: tuple[RunningGateway, ...]) -> None:
    first, last = gateways[0], gateways[-1]
    seen = [statuses(gateways)]
    with twin(answering(OK)) as upstream:
        body = {"name": "own", "type": "openai", "enabled": True, "api_keys": [KEY]}
        body["base_url"] = upstream.url
        made = change(first, "POST", body=body)
        seen.append(statuses(gateways))
        change(last, "PATCH", "/own", {"enabled": False})
        seen.append(statuses(gateways))
        change(first, "DELETE", "/own")
        seen.append(statuses(gateways))
        keys = {request.header("Authorization")[0] for request in upstream.requests}

    assert seen == [{404}, {200}, {503}, {404}]
    assert keys == {f"Bearer {KEY}"}
    assert KEY not in made.body.decode()


@pytest.mark.needs_postgres
def test_keys_on_a_shared_database_need_a_secret(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", postgres.new_database())
    monkeypatch.delenv("PROVISIONER_GATEWAY_SECRET", raising=False)
    (tmp_path / "g.toml").write_text('era = "2.36"\n')
    body: dict[str, object] = {"name": "own", "type": "openai"}
    with gateway_process(tmp_path / "s", "--config", str(tmp_path / "g.toml")) as (_, gateway):
        with_key = ask(gateway, PROVIDERS, method="POST", body={**body, "api_keys": [KEY]})
        without = ask(gateway, PROVIDERS, method="POST", body=body)

    assert (with_key.status, without.status) == (409, 201)
    assert json.loads(with_key.body) == {
        "message": "The keys of a provider cannot be stored.",
        "detail": "keys of providers on a PostgreSQL database need PROVISIONER_GATEWAY_SECRET: "
        "set it to one long random text for all gateways on that database",
    }
