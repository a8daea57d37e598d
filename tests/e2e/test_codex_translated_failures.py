"""The real Codex when a service with another API fails: it tries again, or says what is wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.gateway_server import running_gateway
from tests.support.model_turns import ENCODERS, Turn, say
from tests.support.model_twin import provider_toml
from tests.support.real_codex import CodexRun, codex_exec
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, twin

VERSIONS = ("0.122.0", "0.134.0", "0.163.0", "0.169.0")
APIS = ("openai-chat", "anthropic", "gemini")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@pytest.fixture(autouse=True)
def key(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("KEY", "service-key")


def run_codex(
    api: str, answers: Callable[[int], bytes], folder: Path, version: str
) -> tuple[CodexRun, int]:
    """Return how a run ended whose n-th request gets `answers(n)`, and how many there were."""
    count = 0

    def play(_: TwinRequest, connection: socket.socket) -> None:
        nonlocal count
        count += 1
        connection.sendall(answers(count))
        connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        write_tree(folder, {"gateway.toml": provider_toml(api, service.url)})
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/openai/v1"
            run = codex_exec(version, folder / "codex", url, gateway.token, retries=2)
    return run, count


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("api", APIS)
def test_a_stream_that_breaks_off_is_asked_for_again(
    api: str, version: str, tmp_path: Path
) -> None:
    whole = ENCODERS[api](Turn([say("Third time lucky.")]), 1)
    half = whole[: len(whole) * 6 // 10]
    run, count = run_codex(
        api, lambda number: HEAD + (whole if number == 3 else half), tmp_path, version
    )

    assert (run.status, run.stdout.strip(), count) == (0, "Third time lucky.", 3), run.stderr


LONG = {
    "openai-chat": {
        "error": {
            "message": "m",
            "type": "invalid_request_error",
            "code": "context_length_exceeded",
        }
    },
    "anthropic": {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "prompt is too long: 9 tokens > 8 maximum",
        },
    },
    "gemini": {
        "error": {
            "code": 400,
            "status": "INVALID_ARGUMENT",
            "message": "The input token count (9) exceeds the maximum number of tokens allowed (8).",
        }
    },
}


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("api", APIS)
def test_a_conversation_that_is_too_long_is_said_to_be(
    api: str, version: str, tmp_path: Path
) -> None:
    body = json.dumps(LONG[api]).encode()
    said = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    run, count = run_codex(api, lambda _: said, tmp_path, version)

    assert (run.status, count) == (1, 1)
    assert "Codex ran out of room in the model's context window." in run.errors[-1].replace(
        "\u2019", "'"
    )


REFUSED = {
    "openai-chat": (Turn([], stop="content_filter"), "content filter stopped the answer"),
    "anthropic": (Turn([], stop="refusal"), "the model declined to answer"),
    "gemini": (Turn([], stop="PROHIBITED_CONTENT"), "the model stopped: PROHIBITED_CONTENT"),
}


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", ["0.122.0", "0.169.0"])
@pytest.mark.parametrize("api", APIS)
def test_a_refusal_is_shown_and_not_repeated(api: str, version: str, tmp_path: Path) -> None:
    turn, message = REFUSED[api]
    run, count = run_codex(
        api, lambda number: HEAD + ENCODERS[api](turn, number), tmp_path, version
    )

    assert (run.status, count) == (1, 1)
    assert message in run.errors[-1]


@pytest.mark.needs_codex
def test_an_overloaded_model_is_said_to_be(tmp_path: Path) -> None:
    body = json.dumps(
        {"type": "error", "error": {"type": "overloaded_error", "message": "m"}}
    ).encode()
    said = b"HTTP/1.1 529 Overloaded\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    run, count = run_codex("anthropic", lambda _: said, tmp_path, "0.169.0")

    assert run.errors[-1] == "Selected model is at capacity. Please try a different model."
    assert count > 1
