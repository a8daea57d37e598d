"""The real Codex with each recipe of LangWatch's Codex page, through the dialect `langwatch`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree
from tests.support.twin import answering, twin
from tests.support.virtual_keys import virtual_key

pytestmark = pytest.mark.needs_codex

VERSIONS = ("0.134.0", "0.169.0")
DIALECT = 'dialect = "langwatch"\n'
SAYS = '[[turn]]\ntext = "this is {}"\n'
WORKS = '[[turn]]\ntool_call = [{ run = "echo done" }]\n[[turn]]\ntext = "never said"\n'
BUSY = '[[turn]]\n[turn.failure]\nstatus = 503\njson = { error = { message = "busy" } }\n'
BREAKS = '[[turn]]\ntext = "Hi."\n[turn.failure]\nending = "break"\nafter_events = 1\n'
BUDGET = '[[budget]]\nname = "key"\nscope = "virtual_key"\nwindow = "month"\nlimit_requests = 1\n'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    b'data: {"type":"response.output_item.done","item":{"type":"message","role":"assistant",'
    b'"content":[{"type":"output_text","text":"this is a twin"}]}}\n\n'
    b'data: {"type":"response.completed","response":{"id":"r"}}\n\n'
)


@contextlib.contextmanager
def gateway_of(folder: Path, more: str = "", **scripts: str) -> Iterator[RunningGateway]:
    """Run a gateway with a scripted provider for each of `scripts`."""
    providers = "".join(
        f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "scripted"\n'
        f'script = "{name}.toml"\n'
        for name in scripts
    )
    files = {f"{name}.toml": script for name, script in scripts.items()}
    write_tree(folder, {**files, "gateway.toml": DIALECT + more + providers})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield gateway


def codex(
    version: str, folder: Path, gateway: RunningGateway, key: str, model: str, *options: str
) -> CodexRun:
    url = f"http://127.0.0.1:{gateway.port}/v1"
    return codex_exec(version, folder, url, key, "-m", model, *options)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_list_of_models(tmp_path: Path, version: str) -> None:
    with gateway_of(tmp_path, openai=SAYS.format("openai")) as gateway:
        key = virtual_key(gateway, policy={"models_allowed": ["gpt-6*"]})
        allowed = codex(version, tmp_path / "a", gateway, key, "gpt-6-sol")
        refused = codex(version, tmp_path / "b", gateway, key, "gpt-5.5")

    assert (allowed.status, allowed.stdout.strip()) == (0, "this is openai")
    assert refused.status == 1
    assert refused.errors[-1].startswith(
        "unexpected status 403 Forbidden: model not allowed: gpt-5.5, url: http://127.0.0.1"
    )


def test_a_refusal_as_400_is_asked_once(tmp_path: Path) -> None:
    """Codex repeats a 403 five times and a 400 never, which is what the setting is for."""
    more = "langwatch.model_not_allowed_status = 400\n"
    with gateway_of(tmp_path, more, openai=SAYS.format("openai")) as gateway:
        key = virtual_key(gateway, policy={"models_allowed": ["gpt-6*"]})
        url = f"http://127.0.0.1:{gateway.port}/v1"
        run = codex_exec("0.169.0", tmp_path / "a", url, key, retries=2)
        records = gateway.ended(1)

    assert run.status == 1
    assert "model not allowed: gpt-5.5" in run.errors[-1]
    assert [record.status for record in records] == [400]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_alias_leads_to_another_provider(tmp_path: Path, version: str) -> None:
    scripts = {"openai": SAYS.format("openai"), "azure": SAYS.format("azure")}
    with gateway_of(tmp_path, **scripts) as gateway:
        key = virtual_key(gateway, policy={"model_aliases": {"gpt-4o": "azure/prod-4o"}})
        run = codex(version, tmp_path / "a", gateway, key, "gpt-4o")
        (record,) = gateway.ended(1)

    assert (run.status, run.stdout.strip()) == (0, "this is azure")
    assert (record.provider, record.model) == ("azure", "prod-4o")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_budget_ends_in_the_middle_of_a_session(tmp_path: Path, version: str) -> None:
    with gateway_of(tmp_path, openai=WORKS, more=BUDGET) as gateway:
        key = virtual_key(gateway, name="k")
        run = codex(version, tmp_path / "a", gateway, key, "gpt-5.5")
        records = gateway.ended(2)

    assert run.status == 1
    assert run.errors[-1].startswith(
        "unexpected status 402 Payment Required: "
        "Budget exceeded for scope=virtual_key window=month, url: "
    )
    assert [record.status for record in records] == [402, 200]
    assert [tool.tool for tool in records[1].tools] != []
    assert len({record.client_session_id for record in records}) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_another_provider_answers_for_one_that_fails(tmp_path: Path, version: str) -> None:
    scripts = {"primary": BUSY, "second": SAYS.format("second")}
    with gateway_of(tmp_path, **scripts) as gateway:
        key = virtual_key(gateway, policy={"routing_mode": "fallback_all"})
        run = codex(version, tmp_path / "a", gateway, key, "gpt-5.5")
        (record,) = gateway.ended(1)

    assert (run.status, run.stdout.strip(), run.errors) == (0, "this is second", [])
    assert (record.provider, record.status) == ("second", 200)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_cache_is_switched_off(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K", "provider-key")
    with twin(answering(ANSWER)) as service:
        provider = (
            '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'
            f'base_url = "{service.url}/v1"\nkey_env = ["K"]\n'
        )
        with gateway_of(tmp_path, provider) as gateway:
            key = virtual_key(gateway, policy={"cache": {"mode": "disable"}})
            run = codex(version, tmp_path / "a", gateway, key, "gpt-5.5")

    assert (run.status, run.stdout.strip()) == (0, "this is a twin")
    (request,) = service.requests
    assert "cache_control" not in request.body.decode()
    assert json.loads(request.body)["model"] == "gpt-5.5"
    assert request.header("X-LangWatch-Cache") == []
    assert request.header("Authorization") == ["Bearer provider-key"]


def test_codex_asks_for_a_cache_mode_itself(tmp_path: Path) -> None:
    wish = '-cmodel_providers.ai_gateway.http_headers={{"X-LangWatch-Cache"="{}"}}'
    with gateway_of(tmp_path, openai=SAYS.format("openai")) as gateway:
        key = virtual_key(gateway)
        good = codex("0.169.0", tmp_path / "a", gateway, key, "gpt-5.5", wish.format("disable"))
        bad = codex("0.169.0", tmp_path / "b", gateway, key, "gpt-5.5", wish.format("always"))

    assert (good.status, bad.status) == (0, 1)
    assert "the cache override must be respect, force, disable or ttl=<seconds>" in bad.errors[-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_codex_is_told_of_a_stream_that_breaks(tmp_path: Path, version: str) -> None:
    with gateway_of(tmp_path, openai=BREAKS) as gateway:
        run = codex(version, tmp_path / "a", gateway, virtual_key(gateway), "gpt-5.5")

    assert run.status == 1
    assert run.errors[-1].startswith("stream disconnected before completion: ")
    assert "stream closed before response.completed" not in run.stderr


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("revoke", "unexpected status 403 Forbidden: this virtual key is revoked, url: "),
        ("disable", "unexpected status 403 Forbidden: this virtual key is disabled, url: "),
    ],
)
def test_a_key_that_is_no_good_any_more(tmp_path: Path, then: str, told: str) -> None:
    with gateway_of(tmp_path, openai=SAYS.format("openai")) as gateway:
        run = codex("0.169.0", tmp_path / "a", gateway, virtual_key(gateway, then), "gpt-5.5")

    assert (run.status, run.errors[-1][: len(told)]) == (1, told)
