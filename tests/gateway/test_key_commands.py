"""`provisioner gateway key`, on a database and with a gateway that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import provisioner
from tests.support.gateway_api import api
from tests.support.gateway_server import RunningGateway, post, running_gateway

CONFIG = (
    'dialect = "langwatch"\n[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'
)
QUESTION = {"model": "gpt-6-sol", "input": "hello"}
Run = Callable[..., str]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    (tmp_path / "g.toml").write_text(CONFIG)
    with running_gateway(tmp_path / "state", tmp_path / "g.toml") as running:
        yield running


@pytest.fixture(params=["state", "url"])
def key_command(
    request: pytest.FixtureRequest, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setenv("PROVISIONER_GATEWAY_TOKEN", gateway.token)
    at = f"http://127.0.0.1:{gateway.port}"
    where = ["--state", str(gateway.state)] if request.param == "state" else ["--url", at]

    def run(*arguments: str | Path, fails: bool = False) -> str:
        done = provisioner("gateway", "key", *arguments, *where)
        assert done.returncode == (2 if fails else 0), done.stderr
        return (done.stderr if fails else done.stdout).rstrip("\n")

    return run


def ask(gateway: RunningGateway, key: str, model: str = "gpt-6-sol") -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return post(gateway, {**QUESTION, "model": model}, "/v1/responses", headers).status


def test_a_key_from_its_making_to_its_end(gateway: RunningGateway, key_command: Run) -> None:
    create = ("create", "--name", "team-a", "--model", "gpt-6*", "--alias", "best=gpt-6-sol")
    key = key_command(*create, "--rpd", "100", "--team", "a", "--tag", "t")

    assert re.fullmatch("vk-lw-live_[0-7][0-9A-HJKMNP-TV-Z]{25}", key)
    assert len(key) == 37
    assert [ask(gateway, key, model) for model in ("best", "o9")] == [200, 403]
    shown = json.loads(key_command("show", "team-a"))
    assert (shown["kind"], shown["user"], shown["hint"]) == ("shared", None, f"{key[:13]}...")
    assert shown["policy"]["models_allowed"] == ["gpt-6*"]
    assert shown["policy"]["scopes"]["team"] == "a"
    assert key not in key_command("list", "--format", "json")
    assert key[:13] in key_command("list")

    assert key_command("update", "team-a", "--model", "o9", "--cache", "disable")
    changed = json.loads(key_command("show", "team-a"))["policy"]
    assert changed["models_allowed"] == ["o9"]
    assert changed["model_aliases"] == {"best": "gpt-6-sol"}
    assert (changed["cache"]["mode"], changed["rate_limits"]["rpd"]) == ("disable", 100)

    assert key_command("disable", "team-a") == "disabled team-a"
    assert key_command("enable", "team-a") == "active team-a"
    new = key_command("rotate", "team-a")
    assert key_command("revoke", "team-a") == "revoked team-a"
    assert key_command("list") == "no virtual keys"
    assert "team-a" in key_command("list", "--all")
    again = key_command("enable", shown["id"], fails=True)
    assert again == ("error: the virtual key is revoked, which is for good; create another one")
    assert new != key


def test_a_policy_comes_from_a_file(tmp_path: Path, key_command: Run) -> None:
    (tmp_path / "p.toml").write_text('models_allowed = ["gpt-6*"]\n[rate_limits]\nrpm = 5\n')
    (tmp_path / "p.json").write_text('{"models_allowed": null, "rate_limits": {"rpd": 7}}')

    key_command("create", "--user", "ada", "--name", "n", "--policy", tmp_path / "p.toml")
    key_command("update", "n", "--policy", tmp_path / "p.json", "--rpm", "6")

    shown = json.loads(key_command("show", "n"))
    assert (shown["kind"], shown["user"]) == ("personal", "ada")
    assert shown["policy"]["models_allowed"] is None
    assert shown["policy"]["rate_limits"] == {"rpm": 6, "tpm": None, "rpd": 7}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "p.toml: not valid TOML: "),
        ("[rate_limits]\nrpm = 0\n", "p.toml: rate_limits.rpm: input should be greater than"),
        ("modells = []\n", "p.toml: modells: unknown key"),
        (
            '[policy_rules.tools]\ndeny = ["("]\n',
            'p.toml: policy_rules.tools.deny[1]: "(" is not a regular expression',
        ),
        (
            '[policy_rules.urls]\ndeny = ["x", "^(a+)+$"]\n',
            'p.toml: policy_rules.urls.deny[2]: "^(a+)+$" may take too long: ',
        ),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_its_place(
    tmp_path: Path, key_command: Run, text: str, message: str
) -> None:
    (tmp_path / "p.toml").write_text(text)

    assert message in key_command("create", "--policy", tmp_path / "p.toml", fails=True)


def test_what_cannot_be_done(key_command: Run) -> None:
    key_command("create", "--name", "n")

    twice = key_command("create", "--name", "n", fails=True)
    nobody = key_command("revoke", "nobody", fails=True)
    rate = key_command("create", "--rpm", "0", fails=True)
    shared = key_command("create", "--user", "key:n", fails=True)

    assert twice == 'error: there is a virtual key "n" already'
    assert nobody == 'error: there is no virtual key "nobody"'
    assert "policy.rate_limits.rpm: input should be greater than or equal to 1" in rate
    assert "user: names that begin with" in shared


@pytest.mark.parametrize("name", ["", "team-a"])
def test_a_shared_key_sees_nothing_of_another_one(
    gateway: RunningGateway, key_command: Run, name: str
) -> None:
    first = key_command("create", "--name", name)
    assert ask(gateway, first) == 200
    if name:
        key_command("revoke", name)
    second = key_command("create", "--name", name)
    assert ask(gateway, second) == 200
    gateway.ended(2)

    listed = json.loads(key_command("list", "--all", "--format", "json"))["keys"]
    seen = api(gateway, "/api/v2/ai-gateway/interceptions", token=second)["results"]

    assert [one["initiator"]["username"] for one in seen] == [f"key:{name or listed[0]['id']}"]
