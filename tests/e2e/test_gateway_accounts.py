"""Users, groups and tokens that several gateways make at once, or that are named alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.gateway_api import api, ask
from tests.support.gateway_server import RunningGateway, running_gateway

GROUPS = ["ml", "platform", "web"]


def made(gateway: RunningGateway, admin: str, name: str, groups: list[str]) -> int:
    body = {"token_name": name, "groups": groups}
    path = "/api/v2/users/newuser/keys/tokens"
    return ask(gateway, path, method="POST", body=body, token=admin).status


def test_tokens_of_a_new_user_are_made_at_once_on_two_gateways(
    tmp_path: Path, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if address is not None:
        monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    with (
        running_gateway(tmp_path) as first,
        running_gateway(tmp_path) as second,
        ThreadPoolExecutor(8) as lanes,
    ):
        asked = [
            lanes.submit(
                made, (first, second)[n % 2], first.token, f"t{n}", GROUPS[:: 1 - 2 * (n % 2)]
            )
            for n in range(8)
        ]
        assert [answer.result() for answer in asked] == [201] * 8

        tokens = api(first, "/api/v2/users/newuser/keys/tokens")
        again = [lanes.submit(made, one, first.token, "same", []) for one in (first, second) * 4]
        assert sorted(answer.result() for answer in again) == [201] + [409] * 7
    assert {token["token_name"] for token in tokens} == {f"t{n}" for n in range(8)}
    assert len({token["user_id"] for token in tokens}) == 1
