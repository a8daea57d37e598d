"""Answers about templates that are written in more than one way."""

from __future__ import annotations

import json

import pytest

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.login import Login
from provisioner.redact import Secret
from tests.support.loopback import serving


@pytest.mark.parametrize(
    "preset",
    [
        {"ID": "7", "Name": "Big", "Parameters": [{"Name": "size", "Value": "Huge"}], "Icon": ""},
        {"id": "7", "name": "Big", "parameters": [{"name": "size", "value": "Huge"}]},
    ],
)
def test_presets_are_read_as_go_writes_them_and_as_they_are_described(
    preset: dict[str, object],
) -> None:
    with serving(lambda _: (200, {}, json.dumps([preset]))) as server:
        login = Login(server.url, Secret("a-token-of-the-test"), "the test")
        with CoderClient(login) as client:
            (found,) = client.templates.presets("1")

    assert (found.id, found.name, found.values) == ("7", "Big", {"size": "Huge"})


def test_an_edit_sends_back_nothing_that_is_null() -> None:
    told = {
        "id": "7",
        "name": "t",
        "active_version_id": "8",
        "default_ttl_ms": 5,
        "failure_ttl_ms": None,
        "autostop_requirement": {"days_of_week": None, "weeks": 1},
    }
    with serving(lambda _: (200, {}, json.dumps(told))) as server:
        login = Login(server.url, Secret("a-token-of-the-test"), "the test")
        with CoderClient(login) as client:
            client.templates.edit(client.templates.get("7"), {"icon": "x"})

    assert json.loads(server.requests[-1].body) == {
        "name": "t",
        "default_ttl_ms": 5,
        "autostop_requirement": {"weeks": 1},
        "icon": "x",
    }
