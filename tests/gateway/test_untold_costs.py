"""Answers that do not tell what they cost: budgets bear what was reserved for them."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from provisioner.gateway.record.budget_accounts import read_accounts
from provisioner.gateway.record.budgets import Balance
from provisioner.gateway.record.opened import open_database
from tests.support.gateway_server import SECONDS, RunningGateway, post, running_gateway
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, reset, twin

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
BEGUN = b'data: {"type":"response.created","response":{"id":"r1"}}\n\n'
TEXT = b'data: {"type":"response.output_text.delta","delta":"all of it"}\n\n'
SILENT = b'data: {"type":"response.completed","response":{"id":"r1","status":"completed"}}\n\n'
WHOLE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n"
    b'{"id":"r1","object":"response","output":[]}'
)
CHAT = (
    b'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)
ASKED: Mapping[str, object] = {"model": "gpt-6-sol", "stream": True, "input": "hello"}
CONFIG = """era = "2.36"
reserve_output_tokens = 1000
[[provider]]
name = "openai"
type = "openai"
upstream = "openai"
base_url = "@@/v1"
key_env = ["SERVICE_KEY"]
[[budget]]
name = "tokens"
scope = "organization"
window = "total"
limit_tokens = 1000000
"""
RESERVED = 1000 + 14
"""Of `ASKED`, 56 bytes long."""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_KEY", "sk-provider-0001")


def spent(folder: Path) -> list[Balance]:
    database = open_database(folder / "state", None)
    try:
        return list(database.read(lambda c: read_accounts(c, {"tokens": 0})).values())
    finally:
        database.close()


@contextlib.contextmanager
def reading(gateway: RunningGateway, first: bytes) -> Iterator[None]:
    """Ask, and be about to read on behind `first`; then leave."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        headers = gateway.headers()
        connection.request("POST", "/openai/v1/responses", json.dumps(ASKED), headers)
        with contextlib.closing(connection.getresponse()) as answer:
            assert answer.read(len(first)) == first
            yield


def test_a_client_that_hangs_up_before_the_end_pays(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(STREAM + BEGUN + TEXT)
        # Until the gateway lets go.
        connection.recv(1)

    with twin(play) as service:
        write_tree(tmp_path, {"g.toml": CONFIG.replace("@@", service.url)})
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            with reading(gateway, BEGUN + TEXT):
                pass
            (record,) = gateway.ended(1)

    assert (record.status, record.token_usage) == (200, ())
    assert spent(tmp_path) == [Balance(RESERVED, 0)]


@pytest.mark.parametrize(
    ("answer", "path", "body"),
    [
        (STREAM + BEGUN + TEXT + SILENT, "responses", ASKED),
        (STREAM + BEGUN + TEXT, "responses", ASKED),
        (WHOLE, "responses", {"model": "gpt-6-sol", "stream": False, "input": "hi.."}),
        (STREAM + CHAT, "chat/completions", {"model": "gpt-6-sol", "stream": True, "messages": []}),
    ],
    ids=["says-nothing", "cut", "whole", "chat"],
)
def test_an_answer_without_usage_costs_what_was_reserved(
    tmp_path: Path, answer: bytes, path: str, body: Mapping[str, object]
) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        write_tree(tmp_path, {"g.toml": CONFIG.replace("@@", service.url)})
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            assert post(gateway, body, f"/openai/v1/{path}").status == 200
            gateway.ended(1)

    assert spent(tmp_path) == [Balance(RESERVED, 0)]


def test_an_image_is_not_taken_for_text(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(STREAM + BEGUN)
        connection.shutdown(socket.SHUT_RDWR)

    with twin(play) as service:
        write_tree(tmp_path, {"g.toml": CONFIG.replace("@@", service.url)})
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            image = "data:image/png;base64," + "iVBO" * 300_000
            body = {**ASKED, "input": image}
            assert post(gateway, body, "/openai/v1/responses").status == 200
            gateway.ended(1)

    # 51 bytes around it.
    assert spent(tmp_path) == [Balance(1000 + 1500 + 13, 0)]


def test_what_the_stop_of_the_gateway_cuts_costs_what_was_reserved(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(STREAM + BEGUN + TEXT)
        connection.recv(1)

    with twin(play) as service:
        config = f"{CONFIG}[relay]\nshutdown_seconds = 0.1\n".replace("@@", service.url)
        write_tree(tmp_path, {"g.toml": config})
        with (
            contextlib.ExitStack() as client,
            running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway,
        ):
            client.enter_context(reading(gateway, BEGUN + TEXT))

    assert spent(tmp_path) == [Balance(RESERVED, 0)]


def test_an_answer_that_never_came_costs_nothing(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        reset(connection)

    with twin(play) as service:
        write_tree(tmp_path, {"g.toml": CONFIG.replace("@@", service.url)})
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            assert post(gateway, ASKED, "/openai/v1/responses").status == 500
            gateway.ended(1)

    assert spent(tmp_path) == [Balance(0, 0)]
