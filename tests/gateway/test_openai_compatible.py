"""The dialect of any OpenAI-compatible server, and the dump of requests."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.gateway.config import configured
from tests.support.gateway_server import RunningGateway, post, running_gateway, send

QUESTION = {"model": "a/b c", "input": "hello", "stream": False}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    config = tmp_path / "gateway.toml"
    config.write_text('dialect = "openai-compatible"\ndump_dir = "dumps"\n')
    with running_gateway(tmp_path / "state", config) as running:
        yield running


def test_the_key_opens_the_only_provider(gateway: RunningGateway) -> None:
    reply = post(gateway, QUESTION, path="/v1/responses", headers=gateway.headers())

    assert reply.status == 200
    assert json.loads(reply.body)["object"] == "response"
    (record,) = gateway.ended(1)
    assert (record.provider, record.credential_kind) == ("openai", "centralized")


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "code"),
    [
        ("/v1/responses", {}, QUESTION, 401, "invalid_api_key"),
        ("/v1/responses", {"Authorization": "Bearer no"}, QUESTION, 401, "invalid_api_key"),
        ("/v1/responses", None, b"{", 400, "bad_request"),
        ("/v1/responses", None, {**QUESTION, "background": True}, 400, "unsupported_parameter"),
        ("/v1/embeddings", None, QUESTION, 404, "not_found"),
        ("/openai/v1/responses", None, QUESTION, 404, "not_found"),
    ],
)
def test_errors_come_in_the_envelope_of_openai(
    gateway: RunningGateway,
    path: str,
    headers: dict[str, str] | None,
    body: dict[str, object] | bytes,
    *,
    status: int,
    code: str,
) -> None:
    sent = gateway.headers() if headers is None else headers

    reply = post(gateway, body, path=path, headers=sent)

    assert reply.status == status
    error = json.loads(reply.body)["error"]
    assert error["code"] == code
    assert set(error) == {"message", "type", "param", "code"}


def test_models_are_listed_for_both_kinds_of_client(gateway: RunningGateway) -> None:
    head = f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
    reply = send(gateway, head.encode())

    assert json.loads(reply.body)["models"] == []
    assert json.loads(reply.body)["object"] == "list"


def test_a_dump_holds_the_request_as_it_came_and_no_credential(gateway: RunningGateway) -> None:
    headers = gateway.headers(**{"X-Odd-Name": "kept"})

    post(gateway, QUESTION, path="/v1/responses?q=1", headers=headers)

    gateway.ended(1)
    folder = gateway.state.parent / "dumps"
    (path,) = folder.rglob("*.req.txt")
    head, body = path.read_text().split("\n\n", 1)
    assert path.parent == folder / "openai" / "a-b-c"
    assert head.splitlines()[0] == "POST /v1/responses?q=1 HTTP/1.1"
    assert "X-Odd-Name: kept" in head
    assert json.loads(body) == QUESTION
    assert gateway.token not in path.read_text()
    assert f"Authorization: Bearer {gateway.token[:4]}..." in head
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_provider_is_all_it_can_serve(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    provider = '[[provider]]\nname = "{}"\ntype = "openai"\nupstream = "scripted"\n'
    text = 'dialect = "openai-compatible"\n' + provider.format("a") + provider.format("b")
    config.write_text(text)

    with pytest.raises(InputError, match="serves one provider"):
        configured(config, host=None, port=None)
