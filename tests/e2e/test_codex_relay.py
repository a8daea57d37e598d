"""The real Codex through the relay: silence, second tries, and tools, with a real hop in between."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_server import RunningGateway, running_gateway
from tests.support.real_codex import codex_exec
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, twin

VERSIONS = ("0.122.0", "0.134.0", "0.169.0")
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\n'
SCRIPTED = f'{PROVIDER}upstream = "scripted"\nscript = "turns.toml"\n'


@contextlib.contextmanager
def scripted(folder: Path, turns: str, settings: str = "") -> Iterator[RunningGateway]:
    write_tree(folder, {"turns.toml": turns, "gateway.toml": settings + SCRIPTED})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield gateway


@contextlib.contextmanager
def chained(
    folder: Path, turns: str, monkeypatch: pytest.MonkeyPatch, settings: str = ""
) -> Iterator[RunningGateway]:
    """Run a gateway whose upstream is another one, reached over HTTP with a key of its own."""
    with scripted(folder / "upstream", turns, "[relay]\nkeep_alive_seconds = 0\n") as upstream:
        monkeypatch.setenv("OPENAI_KEY", upstream.token)
        base = f"http://127.0.0.1:{upstream.port}/openai/v1"
        text = f'{settings}{PROVIDER}upstream = "openai"\nbase_url = "{base}"\n'
        write_tree(folder, {"gateway.toml": f'{text}key_env = ["OPENAI_KEY"]\n'})
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            yield gateway


def url_of(gateway: RunningGateway) -> str:
    return f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"


CREATED = b'data: {"type":"response.created","response":{"id":"r"}}\n\n'
ANSWER = (
    b'data: {"type":"response.output_item.done","item":{"type":"message","role":"assistant",'
    b'"content":[{"type":"output_text","text":"at last"}]}}\n\n'
    b'data: {"type":"response.completed","response":{"id":"r"}}\n\n'
)


def silent_in_between(_: TwinRequest, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + CREATED)
    threading.Event().wait(3.5)
    connection.sendall(ANSWER)
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
def test_a_silent_upstream_does_not_run_into_the_idle_timeout(version: str, tmp_path: Path) -> None:
    settings = "[relay]\nkeep_alive_seconds = 0.4\n"
    with twin(silent_in_between) as service:
        text = f'{settings}{PROVIDER}upstream = "openai"\nbase_url = "{service.url}"\n'
        write_tree(tmp_path, {"gateway.toml": text})
        with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
            run = codex_exec(
                version, tmp_path / "codex", url_of(gateway), gateway.token, idle_ms=1800
            )

    assert (run.status, run.errors) == (0, []), run.stderr
    assert run.stdout.strip() == "at last"


TWICE = """
[[turn]]
text = "third time lucky"
[turn.failure]
times = 2
"""


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "failure",
    ['ending = "break"', 'ending = "close"', 'ending = "reset"', "status = 503"],
)
def test_codex_recovers_from_what_passes(failure: str, version: str, tmp_path: Path) -> None:
    with scripted(tmp_path / "gateway", f"{TWICE}{failure}\n") as gateway:
        run = codex_exec(version, tmp_path / "codex", url_of(gateway), gateway.token, retries=3)

    assert (run.status, run.stdout.strip().splitlines()[-1]) == (0, "third time lucky"), run.stderr
    assert len(gateway.records()) == 3


@pytest.mark.needs_codex
@pytest.mark.parametrize(
    ("version", "requests"), [("0.122.0", 1), ("0.134.0", 1), ("0.163.0", 3), ("0.169.0", 3)]
)
def test_a_limit_that_says_when_is_waited_for_from_0_163_on(
    version: str, requests: int, tmp_path: Path
) -> None:
    failure = 'status = 429\nheaders = { Retry-After = "1" }\n'
    with scripted(tmp_path / "gateway", TWICE + failure) as gateway:
        run = codex_exec(version, tmp_path / "codex", url_of(gateway), gateway.token, retries=3)

    assert run.status == (0 if requests == 3 else 1), run.stderr
    assert len(gateway.records()) == requests


TOOLS = """
[[turn]]
reasoning = "I should look."
text = "Looking."
[[turn.tool_call]]
run = "echo hello > made.txt && cat made.txt"
[[turn]]
text = "Done."
"""


@pytest.mark.needs_codex
@pytest.mark.parametrize(
    ("version", "model"),
    [
        ("0.122.0", "gpt-5.4"),
        ("0.134.0", "gpt-5.5"),
        ("0.169.0", "gpt-5.5"),
        ("0.169.0", "gpt-6-sol"),
    ],
)
def test_a_command_runs_with_the_tool_that_codex_offers(
    version: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chained(tmp_path / "gateway", TOOLS, monkeypatch) as gateway:
        run = codex_exec(
            version,
            tmp_path / "codex",
            url_of(gateway),
            gateway.token,
            "-m",
            model,
            "--dangerously-bypass-approvals-and-sandbox",
        )

    assert (run.status, run.stdout.strip()) == (0, "Done."), run.stderr
    assert (tmp_path / "codex" / "work" / "made.txt").read_text() == "hello\n"
    second, first = gateway.records()
    assert len(first.tools) == 1
    assert second.correlating_tool_call_id in (first.tools[0].tool_call_id, None)
