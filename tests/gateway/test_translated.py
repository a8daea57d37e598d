"""Responses requests through services that have another API, with real hops in between."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from provisioner.gateway.record.model import Outcome
from provisioner.gateway.translate.dropped import TRANSLATION_LOGGER
from tests.support.gateway_server import SECONDS, RunningGateway, post, running_gateway, send
from tests.support.model_turns import ENCODERS, Turn, call, say, think
from tests.support.model_twin import ModelTwin, model_twin, provider_toml
from tests.support.tree import write_tree
from tests.support.twin import Play, Twin, TwinRequest, answering, reset, twin

APIS = tuple(ENCODERS)
QUESTION = {"model": "gpt-5.5", "input": "hello", "stream": True}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@pytest.fixture(autouse=True)
def key(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("KEY", "service-key")


@contextlib.contextmanager
def gateway_to(
    api: str, url: str, folder: Path, settings: Mapping[str, Any] | None = None, era: str = "2.32"
) -> Iterator[RunningGateway]:
    text = f'era = "{era}"\n' + provider_toml(api, url, settings)
    write_tree(folder, {"gateway.toml": text})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield gateway


@contextlib.contextmanager
def served(
    api: str, turns: Sequence[Turn], folder: Path, settings: Mapping[str, Any] | None = None
) -> Iterator[tuple[ModelTwin, RunningGateway]]:
    with (
        model_twin(api, turns) as service,
        gateway_to(api, service.twin.url, folder, settings) as gateway,
    ):
        yield service, gateway
        assert service.faults == []


@contextlib.contextmanager
def played(api: str, play: Play, folder: Path) -> Iterator[tuple[Twin, RunningGateway]]:
    with twin(play) as service, gateway_to(api, service.url, folder) as gateway:
        yield service, gateway


@pytest.mark.parametrize("api", APIS)
def test_an_answer_in_one_piece_is_what_the_stream_ends_with(api: str, tmp_path: Path) -> None:
    tools = [{"type": "function", "name": "look"}]
    turn = Turn([say("Well."), think("Hm."), call("look", at="it")])
    with served(api, [turn], tmp_path) as (_, gateway):
        streamed = post(gateway, {**QUESTION, "tools": tools})
        whole = post(gateway, {**QUESTION, "tools": tools, "stream": False})
        records = gateway.ended(2)

    last = json.loads(streamed.body.rsplit(b"data: ", 1)[1])["response"]
    found = json.loads(whole.body)
    assert (whole.status, whole.headers["Content-Type"]) == (200, "application/json")
    assert [item["type"] for item in found["output"]] == ["message", "reasoning", "function_call"]
    assert [stripped(item) for item in found["output"]] == [
        stripped(item) for item in last["output"]
    ]
    assert (found["status"], found["usage"]) == ("completed", last["usage"])
    for record in records:
        assert record.outcome is Outcome.COMPLETED
        assert [(tool.tool, tool.args_json) for tool in record.tools] == [("look", '{"at": "it"}')]
        assert [usage.cache_read for usage in record.token_usage] == [40]
        assert [thought.content for thought in record.thoughts] == ["Hm."]


def stripped(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("id", "call_id")}


WHOLE = {
    "openai-chat": {
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hi."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    },
    "anthropic": {
        "type": "message",
        "model": "m",
        "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 2},
    },
    "gemini": {
        "modelVersion": "m",
        "candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2},
    },
}


@pytest.mark.parametrize("api", WHOLE)
def test_a_service_that_does_not_stream_is_understood(api: str, tmp_path: Path) -> None:
    text = json.dumps(WHOLE[api]).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with played(api, answering(head % len(text) + text), tmp_path) as (_, gateway):
        reply = post(gateway, QUESTION)

    last = json.loads(reply.body.rsplit(b"data: ", 1)[1])["response"]
    assert last["output"][0]["content"][0]["text"] == "Hi."
    assert (last["model"], last["usage"]["total_tokens"]) == ("m", 5)


def first_half(api: str) -> bytes:
    stream = ENCODERS[api](Turn([say("One, two, three, four, five.")]), 1)
    return stream[: len(stream) * 6 // 10]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_service_that_breaks_off_is_told_so_that_codex_tries_again(
    api: str, ending: str, tmp_path: Path
) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(HEAD + first_half(api))
        if ending == "reset":
            threading.Event().wait(0.3)
            reset(connection)
        connection.shutdown(socket.SHUT_RDWR)

    with played(api, play, tmp_path) as (_, gateway):
        reply = post(gateway, QUESTION)
        whole = post(gateway, {**QUESTION, "stream": False})
        records = gateway.ended(2)

    last = json.loads(reply.body.rsplit(b"data: ", 1)[1])
    assert (last["type"], last["response"]["error"]["code"]) == (
        "response.failed",
        "upstream_error",
    )
    assert b"response.completed" not in reply.body
    assert b"response.output_item.done" not in reply.body
    assert (whole.status, json.loads(whole.body)["error"]["type"]) == (502, "server_error")
    assert [record.outcome for record in records] == [Outcome.FAILED, Outcome.FAILED]


@pytest.mark.parametrize("api", APIS)
def test_events_come_as_they_arrive_and_a_client_that_goes_ends_the_services_work(
    api: str, tmp_path: Path
) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(HEAD + first_half(api))
        connection.recv(1)
        raise ConnectionResetError

    with played(api, play, tmp_path) as (service, gateway):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request(
                "POST", "/openai/v1/responses", json.dumps(QUESTION), gateway.headers()
            )
            response = connection.getresponse()
            said = b""
            while b"response.output_text.delta" not in said:
                said += response.read1()
            assert not service.gone.is_set()
            response.close()
        assert service.gone.wait(SECONDS)
        (record,) = gateway.ended(1)

    assert record.outcome is Outcome.CANCELLED


def test_what_is_dropped_is_told_in_a_header_and_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = {
        **QUESTION,
        "tools": [{"type": "web_search"}, {"type": "function", "name": "f", "strict": True}],
        "client_metadata": {"a": "b"},
        "\r\nSet-Cookie": "x",
    }
    caplog.set_level(logging.INFO, TRANSLATION_LOGGER)
    with served("gemini", [Turn([say("Hi.")])], tmp_path) as (_, gateway):
        reply = post(gateway, asked)
        plain = post(gateway, QUESTION)

    dropped = ["client_metadata", "other", "tools.web_search", "tools.strict"]
    assert reply.headers["X-Gateway-Dropped"] == ", ".join(dropped)
    assert "X-Gateway-Dropped" not in plain.headers
    (line,) = (json.loads(one.message) for one in caplog.records if one.name == TRANSLATION_LOGGER)
    assert line == {
        "msg": "dropped in translation",
        "provider": "openai",
        "model": "gpt-5.5",
        "dropped": dropped,
    }


def test_models_are_mapped_and_settings_of_the_provider_hold(tmp_path: Path) -> None:
    settings = {
        "models": {"gpt-5.5": "claude-sonnet-4-5"},
        "leave_out": ["tool_choice", "no.such"],
        "max_output_tokens": 9000,
    }
    asked = {
        **QUESTION,
        "tools": [{"type": "function", "name": "f"}],
        "reasoning": {"effort": "high"},
    }
    with served("anthropic", [Turn([say("Hi.")])], tmp_path, settings) as (service, gateway):
        reply = post(gateway, asked)
        models = send(gateway, models_request(gateway))

    body = service.bodies[0]
    assert (body["model"], body["max_tokens"]) == ("claude-sonnet-4-5", 9000)
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 4500}
    assert "tool_choice" not in body
    assert reply.headers["X-Gateway-Dropped"] == "leave_out.tool_choice"
    found = json.loads(models.body)
    assert (found["models"], [one["id"] for one in found["data"]]) == ([], ["gpt-5.5"])


def models_request(gateway: RunningGateway) -> bytes:
    return (
        f"GET /openai/v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
    ).encode()


def test_other_routes_do_not_reach_the_service(tmp_path: Path) -> None:
    with played("anthropic", answering(b""), tmp_path) as (service, gateway):
        chat = post(gateway, {"model": "m", "messages": []}, "/openai/v1/chat/completions")
        compact = post(gateway, QUESTION, "/openai/v1/responses/compact")

    for reply, path in ((chat, "/chat/completions"), (compact, "/responses/compact")):
        error = json.loads(reply.body)["error"]
        assert (reply.status, error["code"]) == (404, "model_not_found")
        assert error["message"].endswith(f"answers POST /responses, not POST {path}")
    assert service.requests == []


@pytest.mark.parametrize("api", APIS)
def test_the_users_own_key_goes_where_the_service_looks_for_it(api: str, tmp_path: Path) -> None:
    with model_twin(api, [Turn([say("Hi.")])]) as service:
        with gateway_to(api, service.twin.url, tmp_path) as gateway:
            headers = {
                "Authorization": "Bearer service-key",
                "X-Coder-AI-Governance-Token": gateway.token,
            }
            reply = post(gateway, QUESTION, headers=headers)
            (record,) = gateway.ended(1)
        sent = service.twin.requests[0]

    assert (reply.status, service.faults) == (200, [])
    assert record.credential_kind == "byok"
    assert gateway.token not in str(sent)


def test_a_limited_key_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", "other-key")
    limited = b"HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n"

    def play(request: TwinRequest, connection: socket.socket) -> None:
        if request.header("x-api-key") == ["service-key"]:
            connection.sendall(limited)
        else:
            connection.sendall(HEAD + ENCODERS["anthropic"](Turn([say("Hi.")]), 1))
            connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        text = 'era = "2.36"\n' + provider_toml("anthropic", service.url)
        write_tree(tmp_path, {"gateway.toml": text.replace('"KEY"', '"KEY", "OTHER"')})
        with running_gateway(tmp_path / "state", tmp_path / "gateway.toml") as gateway:
            reply = post(gateway, QUESTION)

    assert b"response.completed" in reply.body
    assert [one.header("x-api-key") for one in service.requests] == [["service-key"], ["other-key"]]
