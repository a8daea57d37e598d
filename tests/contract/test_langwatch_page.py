"""What docs/langwatch.md says: its gateway starts, and its recipes do what they say."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.gateway.langwatch_config import LangWatchConfig
from provisioner.gateway.policy.key_policy import KeyPolicy
from tests.support.command import ROOT, provisioner
from tests.support.gateway_server import Reply, RunningGateway, post, running_gateway

PAGE = (ROOT / "docs/langwatch.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def recipe(word: str) -> list[str]:
    """Return the arguments of the command that shows `word`."""
    (line,) = [line for text in blocks("sh") for line in text.splitlines() if word in line]
    return shlex.split(line)[1:]


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    (tmp_path / "gateway.toml").write_text(blocks("toml")[0])
    with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as running:
        monkeypatch.setenv("PROVISIONER_GATEWAY_TOKEN", running.token)
        yield running


def run(gateway: RunningGateway, arguments: list[str]) -> str:
    # A gateway that is told itself serves a change at once, others within a second.
    done = provisioner(*arguments, "--url", f"http://127.0.0.1:{gateway.port}")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def ask(gateway: RunningGateway, key: str, model: str) -> Reply:
    headers = {"Authorization": f"Bearer {key}"}
    return post(gateway, {"model": model, "input": "hello"}, "/v1/responses", headers)


def test_the_recipes_do_what_they_say(gateway: RunningGateway) -> None:
    key = run(gateway, recipe("create --name team-a"))
    assert ask(gateway, key, "gpt-5.5").status == 200

    run(gateway, recipe("--alias"))
    azure = ask(gateway, key, "gpt-4o")
    assert (azure.status, azure.headers["X-LangWatch-Provider"]) == (200, "azure")
    assert azure.headers["X-LangWatch-Model"] == "prod-4o"
    assert ask(gateway, key, "gpt-5.5").status == 403

    run(gateway, recipe("--cache disable"))
    assert ask(gateway, key, "gpt-6-sol").headers["X-LangWatch-Cache"] == "bypass"
    run(gateway, recipe("--routing"))
    run(gateway, recipe("key rotate"))
    assert ask(gateway, key, "gpt-6-sol").status == 200


def test_the_policy_it_shows_is_one() -> None:
    (text,) = blocks("json")

    assert set(KeyPolicy.model_validate_json(text).model_dump()) == set(KeyPolicy.model_fields)


def test_the_settings_it_shows_are_the_defaults() -> None:
    shown = tomllib.loads(blocks("toml")[1])["langwatch"]

    assert shown == LangWatchConfig().model_dump()


def test_every_code_of_a_fixture_is_on_the_page() -> None:
    folder = ROOT / "tests/gateway/langwatch"
    texts = (path.read_text(encoding="utf-8") for path in folder.glob("*.txtar"))
    codes = {code for text in texts for code in re.findall(r"Handled-Error: (\w+)", text)}

    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
