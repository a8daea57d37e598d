"""Exchanges in files: both sides, readable again by the upstream `replay`, and no credential."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.gateway.upstreams.recording import read_recording
from tests.support.gateway_server import post, running_gateway
from tests.support.twin import answering, twin

EVENTS = b'data: {"type":"response.completed","response":{"id":"r1","output":[]}}\n\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: session=secret-cookie-1; Path=/\r\n"
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'
QUESTION = {"model": "../a/b", "stream": True, "input": "hello"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", "sk-provider-secret-0001")
    return tmp_path


def test_both_sides_are_kept_and_can_be_played_again(folder: Path) -> None:
    with twin(answering(HEAD + b"Content-Length: %d\r\n\r\n" % len(EVENTS) + EVENTS)) as service:
        text = f'dump_dir = "dumps"\n{PROVIDER}base_url = "{service.url}/v1"\nkey_env = ["K"]\n'
        (folder / "g.toml").write_text(text)
        with running_gateway(folder / "state", folder / "g.toml") as gateway:
            post(gateway, QUESTION)
            post(gateway, b"", path="/openai/v1/responses/compact")

    files = sorted(path.relative_to(folder / "dumps") for path in folder.rglob("dumps/**/*.txt"))
    assert [str(path.parent) for path in files] == [
        "openai/-a-b", "openai/-a-b", "openai/passthrough", "openai/passthrough",
    ]  # fmt: skip
    assert [path.name.partition(".")[2] for path in files] == ["req.txt", "resp.txt"] * 2
    everything = b"".join((folder / "dumps" / path).read_bytes() for path in files)
    assert b"Set-Cookie: sess...th=/" in everything
    for secret in (gateway.token, "sk-provider-secret-0001", "secret-cookie-1"):
        assert secret.encode() not in everything
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.resp.txt")} == {0o600}
    recorded = {asked.prompt: told for asked, told in read_recording(folder / "dumps/openai/-a-b")}
    assert (recorded["hello"].status, recorded["hello"].body) == (200, EVENTS)


def test_why_there_is_no_answer_is_kept(folder: Path) -> None:
    text = f'dump_dir = "dumps"\n{PROVIDER}base_url = "http://127.0.0.1:1"\nkey_env = ["K"]\n'
    (folder / "g.toml").write_text(text)
    with running_gateway(folder / "state", folder / "g.toml") as gateway:
        post(gateway, QUESTION)

    (error,) = folder.rglob("*.req_error.txt")
    assert error.read_text() == "cannot connect to 127.0.0.1:1: Connection refused\n"
