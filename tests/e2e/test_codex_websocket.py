"""The real Codex over WebSocket: tools, failures, and what it makes of a gateway without it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.gateway.app import ACCESS_LOGGER
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.response_create import HistoryRoom
from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree

pytestmark = pytest.mark.needs_codex

VERSIONS = ("0.122.0", "0.134.0", "0.163.0", "0.169.0")
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\n'
TOOLS = """
[[turn]]
reasoning = "I should look."
text = "Looking."
[[turn.tool_call]]
run = "echo hello > made.txt && cat made.txt"
[[turn]]
text = "Done."
"""


@contextlib.contextmanager
def gateway_of(
    folder: Path, turns: str, monkeypatch: pytest.MonkeyPatch, *, websockets: bool = True
) -> Iterator[RunningGateway]:
    """Run a gateway whose upstream is another one, which has HTTP alone."""
    write_tree(
        folder,
        {
            "turns.toml": turns,
            "upstream.toml": f'{PROVIDER}upstream = "scripted"\nscript = "turns.toml"\n',
        },
    )
    with running_gateway(folder / "upstream", folder / "upstream.toml") as upstream:
        monkeypatch.setenv("OPENAI_KEY", upstream.token)
        base = f"http://127.0.0.1:{upstream.port}/openai/v1"
        relay = f"[relay]\nwebsockets = {str(websockets).lower()}\n"
        text = f'{relay}{PROVIDER}upstream = "openai"\nbase_url = "{base}"\n'
        write_tree(folder, {"gateway.toml": f'{text}key_env = ["OPENAI_KEY"]\n'})
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            yield gateway


def run(version: str, folder: Path, gateway: RunningGateway, *options: str) -> CodexRun:
    url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"
    sockets = ("-c", "model_providers.ai_gateway.supports_websockets=true")
    return codex_exec(version, folder / "codex", url, gateway.token, *sockets, *options)


def methods(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return how each request came, in order."""
    return [r.getMessage().split()[0] for r in caplog.records if r.name == ACCESS_LOGGER]


@pytest.mark.parametrize(
    ("version", "model"),
    [*((version, "gpt-5.5") for version in VERSIONS), ("0.169.0", "gpt-6-sol")],
)
def test_a_tool_round_trip(
    version: str,
    model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", ACCESS_LOGGER)
    with gateway_of(tmp_path, TOOLS, monkeypatch) as gateway:
        done = run(version, tmp_path, gateway, "-m", model, "-s", "danger-full-access")
        second, first = gateway.ended(2)

    assert (done.status, done.stdout.strip(), done.errors) == (0, "Done.", []), done.stderr
    assert (tmp_path / "codex" / "work" / "made.txt").read_text() == "hello\n"
    # Two at the gateway, and the same two at its upstream.
    assert sorted(m for m in methods(caplog) if m != "GET") == ["POST", "POST", "WS", "WS"]
    assert [first.outcome, second.outcome] == [Outcome.COMPLETED] * 2
    assert [prompt.prompt for prompt in first.prompts] == ["hello"]
    # 0.122 does not say in a handshake what it is, so its session header is not known either.
    is_told = version != "0.122.0"
    assert first.client == second.client == ("Codex" if is_told else "Unknown")
    assert first.client_session_id == second.client_session_id
    assert (first.client_session_id is not None) == is_told
    assert len(first.tools) == 1
    assert len({record.session_id for record in gateway.records()}) == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (
            'status = 429\njson = { error = { message = "slow down" } }',
            "exceeded retry limit, last status: 429 Too Many Requests",
        ),
        (
            'failed = { code = "server_is_overloaded", message = "x" }',
            "Selected model is at capacity. Please try a different model.",
        ),
        (
            'ending = "break"\nafter_events = 2',
            "stream disconnected before completion: the script breaks off here",
        ),
    ],
)
def test_a_failure_is_told_as_over_http(
    version: str, failure: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = f'[[turn]]\ntext = "partial"\n[turn.failure]\n{failure}\n'
    with gateway_of(tmp_path, turns, monkeypatch) as gateway:
        done = run(version, tmp_path, gateway)

    assert (done.status, done.errors[-1]) == (1, said), done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_without_the_flag_codex_goes_on_over_http(
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", ACCESS_LOGGER)
    with gateway_of(tmp_path, '[[turn]]\ntext = "Hi."\n', monkeypatch, websockets=False) as gateway:
        done = run(version, tmp_path, gateway)

    assert (done.status, done.stdout.strip()) == (0, "Hi."), done.stderr
    assert methods(caplog) == ["GET", "POST", "POST"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_conversation_that_the_gateway_forgot_is_told_again(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.websocket.HistoryRoom", lambda: HistoryRoom(0))
    with gateway_of(tmp_path, TOOLS, monkeypatch) as gateway:
        done = run(version, tmp_path, gateway, "-s", "danger-full-access")
        records = gateway.ended(2)

    assert (done.status, done.stdout.strip()) == (0, "Done."), done.stderr
    assert (tmp_path / "codex" / "work" / "made.txt").read_text() == "hello\n"
    assert [record.outcome for record in records] == [Outcome.COMPLETED] * 2
