"""Virtual keys of gateways that share a PostgreSQL database and a pepper."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.gateway_api import ask as ask_api
from tests.support.gateway_server import RunningGateway, post, running_gateway
from tests.support.postgres_server import PostgresServer
from tests.support.virtual_keys import PATH, virtual_key

CONFIG = (
    'dialect = "langwatch"\n[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'
)


def ask(gateway: RunningGateway, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    body = {"model": "gpt-6-sol", "input": "hello"}
    return post(gateway, body, "/v1/responses", headers).status


@pytest.mark.needs_postgres
def test_a_key_works_on_all_gateways_until_it_is_revoked(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "g.toml").write_text(CONFIG)
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", postgres.new_database())
    monkeypatch.setenv("PROVISIONER_GATEWAY_PEPPER", "pepper-" * 8)
    config = tmp_path / "g.toml"
    with (
        running_gateway(tmp_path / "one", config) as one,
        running_gateway(tmp_path / "two", config) as two,
    ):
        key = virtual_key(one, name="k", policy={"rate_limits": {"rpd": 3}})
        answers = [ask(gateway, key) for gateway in (one, two, one, two)]
        made = provisioner("gateway", "key", "create", "--state", tmp_path / "three")
        assert ask(two, made.stdout.strip()) == 200
        revoked = provisioner("gateway", "key", "revoke", "k", "--state", tmp_path / "three")
        assert revoked.returncode == 0
        deadline = time.monotonic() + 5
        while ask(two, key) != 403:
            assert time.monotonic() < deadline

    assert answers == [200, 200, 200, 429]


@pytest.mark.needs_postgres
def test_of_keys_that_want_one_name_at_once_one_gets_it(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "g.toml").write_text(CONFIG)
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", postgres.new_database())
    monkeypatch.setenv("PROVISIONER_GATEWAY_PEPPER", "pepper-" * 8)
    statuses: list[int] = []
    with (
        running_gateway(tmp_path / "one", tmp_path / "g.toml") as one,
        running_gateway(tmp_path / "two", tmp_path / "g.toml") as two,
    ):
        admin = {"Authorization": f"Bearer {one.token or two.token}"}
        threads = [
            threading.Thread(
                target=lambda g=g: statuses.append(post(g, {"name": "k"}, PATH, admin).status)
            )
            for g in (one, two) * 4
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        changes = [{"policy": {"model_aliases": {f"m{n}": "x"}}} for n in range(8)]
        patches = [
            threading.Thread(
                target=ask_api,
                args=(g, f"{PATH}/k"),
                kwargs={"method": "PATCH", "body": c, "token": one.token or two.token},
            )
            for g, c in zip((one, two) * 4, changes, strict=True)
        ]
        for thread in patches:
            thread.start()
        for thread in patches:
            thread.join()
        shown = json.loads(ask_api(one, f"{PATH}/k", token=one.token or two.token).body)

    assert sorted(statuses) == [201, *[409] * 7]
    assert sorted(shown["policy"]["model_aliases"]) == [f"m{n}" for n in range(8)]
