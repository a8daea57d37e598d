"""Upstreams that answer what no client can be given, lie, flood, or answer before they are asked."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioner.gateway.record.model import Outcome
from tests.support.gateway_server import SECONDS, gateway_process, post, running_gateway
from tests.support.relayed import (
    COMPLETED,
    EVENT,
    HEAD,
    OPEN,
    PROVIDER,
    QUESTION,
    chunk,
    closing,
    relaying,
)
from tests.support.twin import Play, TwinRequest, answering, twin

WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(COMPLETED) + COMPLETED
OK = b"HTTP/1.1 200 OK\r\n"
UNUSABLE = "no usable answer from "
BROKE_OFF = "the upstream closed the connection before it was done"


@pytest.mark.parametrize(
    "play",
    [
        answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello"),
        answering(b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}"),
        answering(OK + b"Content-Type: a\x01b\r\nContent-Length: 2\r\n\r\n{}"),
        answering(OK + b"X-Odd: a\x7fb\r\nContent-Length: 2\r\n\r\n{}"),
        answering(OK + b"X-Odd: a\0b\r\nContent-Length: 2\r\n\r\n{}"),
        answering(OK + b"X-A: b\r\n" * 20_000 + b"\r\n"),
        answering(OK + b"X-A: " + b"b" * 2_000_000),
        answering(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
        answering(OK + b"Content-Length: -2\r\n\r\n{}"),
        answering(HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"x")),
        closing(OPEN + b"zz\r\nabc"),
        closing(OPEN + b"fffffffffffffffffffff\r\nabc"),
        closing(b"data: no head at all\n\n"),
        closing(HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nxx"),
        answering(b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello" + WHOLE),
        answering(b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 70_000),
    ],
    ids=[
        "another protocol", "status 99", "control in type", "control in header", "zero in header",
        "many headers", "long header", "two lengths", "negative length", "length and chunks",
        "no chunk size", "huge chunk size", "no head", "encoding nobody asked for",
        "hints with a body", "hints with a long body",
    ],
)  # fmt: skip
def test_an_answer_that_no_client_can_be_given(tmp_path: Path, play: Play) -> None:
    with relaying(play, tmp_path) as (gateway, service):
        bridged = post(gateway, QUESTION)
        passed = post(gateway, b"", path="/openai/v1/models")

    told = {"code": "500", "message": UNUSABLE + service.url.removeprefix("http://")}
    assert (bridged.status, json.loads(bridged.body)) == (500, told)
    assert (passed.status, passed.body) == (502, b"upstream proxy error\n")
    (record,) = gateway.records()
    assert (record.outcome, record.error) == (Outcome.FAILED, "upstream did not answer")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + WHOLE, 200),
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 2000 + WHOLE, 200),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", 307),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999),
    ],
    ids=["hints first", "many hints", "redirect elsewhere", "redirect", "odd status"],
)
def test_statuses_pass_and_nobody_follows_a_redirect(
    tmp_path: Path, head: bytes, status: int
) -> None:
    with relaying(answering(head), tmp_path) as (gateway, service):
        reply = post(gateway, QUESTION)

    assert reply.status == status
    assert reply.headers["Location"] is None
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (OPEN + chunk(EVENT % 1) + b"3\r\nabcXX", EVENT % 1),
        (OPEN + chunk(EVENT % 1) + b"-5\r\n", EVENT % 1),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(EVENT % 1) + b"garbage", b""),
        (HEAD + b"Content-Encoding: gzip\r\n\r\nnot gzip", b""),
    ],
    ids=["no end of chunk", "negative chunk", "gzip and more", "no gzip"],
)
def test_garbage_behind_the_first_bytes_ends_the_stream_with_a_word(
    tmp_path: Path, said: bytes, body: bytes
) -> None:
    with relaying(spoken(said), tmp_path) as (gateway, _):
        reply = post(gateway, QUESTION)

    assert reply.status == 200
    passed, _, failed = reply.body.partition(b"event: response.failed\ndata: ")
    assert passed.strip(b"\n").startswith(body.strip(b"\n"))
    assert json.loads(failed)["response"]["error"]["message"] == BROKE_OFF


def spoken(said: bytes) -> Play:
    """Send the head and what follows it apart, so that the answer has begun."""
    head, _, body = said.partition(b"\r\n\r\n")
    first = body.find(b"\r\n", body.find(b"\n\n")) + 2 if b"\n\n" in body else 0
    return closing(head + b"\r\n\r\n" + body[:first], body[first:])


def test_a_length_that_is_too_short_leaves_nothing_for_the_next_request(tmp_path: Path) -> None:
    smuggled = HEAD + b"Content-Length: 4\r\n\r\nevil"
    play = answering(HEAD + b"Content-Length: 2\r\n\r\n{}" + smuggled, WHOLE)
    with relaying(play, tmp_path) as (gateway, _):
        replies = [post(gateway, QUESTION) for _ in range(2)]

    assert all(b"evil" not in reply.body for reply in replies)
    assert replies[1].body == COMPLETED


@contextlib.contextmanager
def hasty(answer: bytes) -> Iterator[str]:
    """Answer as soon as the head of a request is there, and never read on."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Closed with bytes unread, a connection would take the answer back.
    held = contextlib.ExitStack()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = held.enter_context(listener.accept()[0])
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(SECONDS)
        held.close()


def test_an_answer_before_the_body_was_read_arrives(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large"
    with hasty(refusal) as url:
        (tmp_path / "g.toml").write_text(f'{PROVIDER}base_url = "{url}/v1"\n')
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            replies = [post(gateway, {**QUESTION, "pad": "x" * n}) for n in (10, 300_000, 9**7)]

    assert {(reply.status, reply.body) for reply in replies} == {(413, b"too large")}


@pytest.mark.parametrize("what", [b" " * 1000, EVENT % 1], ids=["blanks", "events"])
def test_an_answer_that_grows_is_held_in_little_memory(tmp_path: Path, what: bytes) -> None:
    size = 200_000_000
    bomb = gzip.compress(what * (size // len(what)), 1)
    answer = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    with twin(answering(answer)) as service:
        (tmp_path / "g.toml").write_text(f'{PROVIDER}base_url = "{service.url}/v1"\n')
        options = ("--config", str(tmp_path / "g.toml"))
        with gateway_process(tmp_path / "state", *options) as (process, gateway):
            before = peak_memory(process.pid)
            assert read_slowly(gateway.port, gateway.headers()) > size - len(what) * 2
            streamed = peak_memory(process.pid) - before
            reply = post(gateway, {**QUESTION, "stream": False})
            whole = peak_memory(process.pid) - before

    assert streamed < 60
    assert b"larger than 64 MiB" in reply.body
    assert whole < 160


def peak_memory(pid: int) -> int:
    """Return the most memory the process has had, in MiB; elsewhere than on Linux 0."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def read_slowly(port: int, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/openai/v1/responses", json.dumps(QUESTION), headers)
        with contextlib.closing(connection.getresponse()) as response:
            return sum(map(len, iter(lambda: response.read(1 << 20), b"")))


KINDS: list[tuple[str, str, bytes]] = [
    ("openai", "/chat/completions", b": keep-alive\n\n"),
    ("anthropic", "/messages", b'event: ping\ndata: {"type":"ping"}\n\n'),
]
LAST = b"data: [DONE]\n\n"


def silent_until(held: threading.Event) -> Callable[[TwinRequest, socket.socket], None]:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(b"data: {}\n\n"))
        assert held.wait(SECONDS)
        connection.sendall(chunk(LAST) + b"0\r\n\r\n")

    return play


@pytest.mark.parametrize(("kind", "path", "event"), KINDS, ids=["chat", "messages"])
def test_silent_streams_of_other_apis_are_held_too(
    tmp_path: Path, kind: str, path: str, event: bytes
) -> None:
    held = threading.Event()
    with twin(silent_until(held)) as service:
        provider = PROVIDER.replace('"openai"', f'"{kind}"')
        base = service.url if kind == "anthropic" else f"{service.url}/v1"
        settings = "[relay]\nkeep_alive_seconds = 0.2\n"
        (tmp_path / "g.toml").write_text(f'{settings}{provider}base_url = "{base}"\n')
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
            with contextlib.closing(connection):
                body = json.dumps({"model": "m", "stream": True, "messages": []})
                connection.request("POST", f"/{kind}/v1{path}", body, gateway.headers())
                with contextlib.closing(connection.getresponse()) as response:
                    heard = response.read(len(b"data: {}\n\n" + event))
                    held.set()
                    rest = response.read()

    assert heard == b"data: {}\n\n" + event
    assert rest.replace(event, b"") == LAST
