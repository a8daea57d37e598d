"""Users make and revoke tokens of their own, which can do no more than those they have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from provisioner.gateway.record.opened import open_database
from provisioner.gateway.record.schema import token as token_table
from tests.support.gateway_api import api, ask
from tests.support.gateway_server import RunningGateway, post, running_gateway

HOUR = 3_600 * 10**9


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path) as running:
        yield running


def made(gateway: RunningGateway, token: str, user: str = "me", **body: object) -> dict[str, str]:
    path = f"/api/v2/users/{user}/keys/tokens"
    reply = ask(gateway, path, method="POST", body={"token_name": "x", **body}, token=token)
    document: dict[str, str] = json.loads(reply.body)
    return {"status": str(reply.status), **document}


def test_a_user_makes_uses_and_revokes_a_token(gateway: RunningGateway) -> None:
    first = made(gateway, gateway.token, "ada")["key"]

    own = made(gateway, first, token_name="ci", lifetime=HOUR)

    assert (own["status"], own["user"]) == ("201", "ada")
    headers = {"Authorization": f"Bearer {own['key']}"}
    assert post(gateway, {"model": "m", "input": "x"}, headers=headers).status == 200
    names = [
        entry["token_name"] for entry in api(gateway, "/api/v2/users/me/keys/tokens", token=first)
    ]
    assert names == ["ci", "x"]
    gone = ask(gateway, "/api/v2/users/ada/keys/ci", method="DELETE", token=first)
    assert gone.status == 204
    assert made(gateway, first)["status"] == "409"


def test_a_token_does_not_outlive_the_one_it_is_asked_with(gateway: RunningGateway) -> None:
    first = made(gateway, gateway.token, "ada", lifetime=HOUR)

    same = made(gateway, first["key"], token_name="same")
    longer = made(gateway, first["key"], token_name="longer", lifetime=2 * HOUR)

    assert same["expires_at"] == first["expires_at"]
    assert longer["status"] == "400"
    assert longer["validations"][0]["field"] == "lifetime"  # type: ignore[index]


@pytest.mark.parametrize(
    ("user", "more"),
    [("bob", {}), ("local", {}), ("me", {"groups": ["ml"]}), ("me", {"admin": True})],
)
def test_what_only_an_admin_may(
    gateway: RunningGateway, user: str, more: dict[str, object]
) -> None:
    first = made(gateway, gateway.token, "ada")["key"]

    assert made(gateway, first, user, token_name="y", **more)["status"] == "403"
    assert ask(gateway, "/api/v2/users/bob").status == 404


def test_a_token_with_limits_makes_none_without(gateway: RunningGateway) -> None:
    first = made(gateway, gateway.token, "ada")
    database = open_database(gateway.state, None)
    limited = update(token_table).where(token_table.c.id == first["id"]).values(policy="{}")
    database.write(lambda connection: connection.execute(limited))
    database.close()

    assert made(gateway, first["key"], token_name="y")["status"] == "403"
