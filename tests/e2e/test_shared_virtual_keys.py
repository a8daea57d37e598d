"""Virtual keys of gateways that share a PostgreSQL database and a pepper."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.gateway_server import RunningGateway, post, running_gateway
from tests.support.postgres_server import PostgresServer
from tests.support.virtual_keys import virtual_key

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
