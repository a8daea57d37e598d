"""A stop that does not wait any longer ends each stream so that its client knows why."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from pathlib import Path

import pytest

from provisioner.gateway.record.model import Outcome
from tests.support.gateway_server import SECONDS, running_gateway
from tests.support.tree import write_tree
from tests.support.twin import TwinRequest, twin

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
BEGUN = b'data: {"type":"response.created","response":{"id":"r1"}}\n\n'
REASON = "the gateway is being stopped"
CONFIG = """
[relay]
shutdown_seconds = 0.1
[[provider]]
name = "openai"
type = "openai"
upstream = "openai"
base_url = "@@/v1"
[[provider]]
name = "claude"
type = "anthropic"
upstream = "anthropic"
base_url = "@@"
"""


@pytest.mark.parametrize("begun", [BEGUN, BEGUN + b"data: {half"], ids=["between", "within"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/openai/v1/responses", "response.failed"),
        ("/claude/v1/messages", "error"),
        ("/openai/v1/chat/completions", None),
    ],
)
def test_the_last_event_says_that_the_gateway_stops(
    tmp_path: Path, path: str, kind: str | None, begun: bytes
) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(HEAD + begun)
        # Until the gateway lets go.
        connection.recv(1)

    with twin(play) as service, contextlib.ExitStack() as client:
        write_tree(tmp_path, {"g.toml": CONFIG.replace("@@", service.url)})
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
            client.enter_context(contextlib.closing(connection))
            asked = json.dumps({"model": "m", "stream": True})
            connection.request("POST", path, asked, gateway.headers())
            answer = client.enter_context(contextlib.closing(connection.getresponse()))
            assert answer.read(len(begun)) == begun
        said = json.loads(answer.read().rpartition(b"data: ")[2])
        assert service.gone.wait(SECONDS)

    assert said.get("type") == kind
    error = said["response"]["error"] if kind == "response.failed" else said["error"]
    assert error["message"] == REASON
    (record,) = gateway.records()
    assert (record.outcome, record.status, record.error) == (Outcome.CANCELLED, 200, REASON)
