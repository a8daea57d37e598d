"""The relay between a real client and a twin of an AI service: bytes, order, both ends breaking off."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.gateway.app import ACCESS_LOGGER
from provisioner.gateway.record.model import Outcome
from tests.support.gateway_server import SECONDS, RunningGateway, post
from tests.support.relayed import (
    COMPLETED,
    EVENT,
    HEAD,
    OPEN,
    QUESTION,
    chunk,
    closing,
    relaying,
    resetting,
)
from tests.support.twin import Play, TwinRequest, answering


@contextlib.contextmanager
def answer_of(gateway: RunningGateway) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/openai/v1/responses", json.dumps(QUESTION), gateway.headers())
        with contextlib.closing(connection.getresponse()) as response:
            yield response


def read_to(answer: http.client.HTTPResponse, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += answer.read(1)
    return data


def failure(body: bytes) -> str:
    """Return the message of the event that ends a stream early."""
    event, _, data = body.rstrip(b"\n").rpartition(b"\ndata: ")
    assert event.endswith(b"event: response.failed")
    return json.loads(data)["response"]["error"]["message"]


def test_each_event_arrives_before_the_next_one_is_sent(tmp_path: Path) -> None:
    seen = threading.Semaphore(0)

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN)
        for number in range(5):
            connection.sendall(chunk(EVENT % number))
            assert seen.acquire(timeout=SECONDS)
        connection.sendall(chunk(COMPLETED) + b"0\r\n\r\n")

    with relaying(play, tmp_path) as (gateway, _), answer_of(gateway) as answer:
        for number in range(5):
            assert read_to(answer, b"\n\n") == EVENT % number
            seen.release()
        assert answer.read() == COMPLETED
        (record,) = gateway.ended(1)

    assert record.outcome is Outcome.COMPLETED


def test_a_head_waits_for_no_event_and_an_end_for_nothing(tmp_path: Path) -> None:
    seen = threading.Semaphore(0)

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN)
        assert seen.acquire(timeout=SECONDS)
        connection.sendall(chunk(COMPLETED))
        assert seen.acquire(timeout=SECONDS)
        connection.sendall(b"0\r\n\r\n")

    with relaying(play, tmp_path) as (gateway, _), answer_of(gateway) as answer:
        assert answer.status == 200
        seen.release()
        assert read_to(answer, b"\n\n") == COMPLETED
        seen.release()
        assert answer.read() == b""
        (record,) = gateway.ended(1)

    assert record.outcome is Outcome.COMPLETED


@pytest.fixture(scope="module")
def echoing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, list[int]]]:
    """A gateway before a twin that sends its request back, cut where the list says."""
    cuts: list[int] = []

    def play(request: TwinRequest, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body, start = json.loads(request.body)["input"].encode("latin-1"), 0
        connection.sendall(OPEN)
        for end in [*cuts, len(body)]:
            if piece := body[start:end]:
                connection.sendall(chunk(piece))
            start = max(start, end)
        connection.sendall(b"0\r\n\r\n")

    with relaying(play, tmp_path_factory.mktemp("echo")) as (gateway, _):
        yield gateway, cuts


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.lists(
        st.sampled_from([b"\r", b"\n", b"\n\n", b": x", b"\xef\xbb\xbf", b"\x00\xff", COMPLETED])
        | st.binary(max_size=20)
    ).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=8).map(sorted),
)
def test_any_bytes_cut_anywhere_arrive_unchanged(
    echoing: tuple[RunningGateway, list[int]], data: bytes, cuts: list[int]
) -> None:
    gateway, places = echoing
    places[:] = cuts

    reply = post(gateway, {"model": "m", "stream": True, "input": data.decode("latin-1")})

    assert (reply.status, reply.body) == (200, data)


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)],
)
@pytest.mark.parametrize("compressed", [True, False])
def test_a_compressed_body_goes_on_as_it_came_unless_the_upstream_cannot(
    tmp_path: Path,
    encoding: str,
    compress,  # noqa: ANN001
    *,
    compressed: bool,
) -> None:
    plain = json.dumps(QUESTION).encode()
    body = compress(plain)
    play = answering(HEAD + b"Content-Length: %d\r\n\r\n" % len(COMPLETED) + COMPLETED)
    setting = "" if compressed else "send_compressed = false"

    with relaying(play, tmp_path, provider=setting) as (gateway, service):
        reply = post(gateway, body, headers=gateway.headers(**{"Content-Encoding": encoding}))

    assert reply.body == COMPLETED
    (request,) = service.requests
    assert request.body == (body if compressed else plain)
    assert request.header("Content-Encoding") == ([encoding] if compressed else [])
    assert gateway.records()[0].prompts[0].prompt == "hello"


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the access log without times."""
    messages = [r.getMessage() for r in caplog.records if r.name == ACCESS_LOGGER]
    return [message.rsplit(" ", 1)[0] for message in messages]


def test_a_client_that_leaves_closes_the_upstream(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", ACCESS_LOGGER)

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1))

    with relaying(play, tmp_path) as (gateway, service):
        with answer_of(gateway) as answer:
            read_to(answer, b"\n\n")
        assert service.gone.wait(SECONDS)
        (record,) = gateway.ended(1)

    assert (record.outcome, record.status) == (Outcome.CANCELLED, 200)
    assert logged(caplog) == ["POST /openai/v1/responses 200"]


@pytest.mark.parametrize(
    ("last", "outcome", "error"),
    [
        (COMPLETED, Outcome.COMPLETED, ""),
        (
            b'data: {"type":"response.incomplete","response":{"id":"r1"}}\n\n',
            Outcome.FAILED,
            "response.incomplete",
        ),
    ],
)
def test_a_client_that_leaves_with_the_last_event_has_its_answer(
    tmp_path: Path, last: bytes, outcome: Outcome, error: str
) -> None:
    """Codex hangs up once it has that one, whatever the upstream does then."""

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1) + chunk(last))

    with relaying(play, tmp_path) as (gateway, service):
        with answer_of(gateway) as answer:
            read_to(answer, last)
        assert service.gone.wait(SECONDS)
        (record,) = gateway.ended(1)

    assert (record.outcome, record.status, record.error) == (outcome, 200, error)


def test_a_client_that_leaves_before_the_upstream_answers_closes_it_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", ACCESS_LOGGER)
    asked = threading.Event()

    with relaying(lambda *_: asked.set(), tmp_path) as (gateway, service):
        with gateway.connect() as client:
            body = json.dumps(QUESTION).encode()
            head = f"POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
            auth = f"\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
            client.sendall(head.encode() + auth.encode() + body)
            assert asked.wait(SECONDS)
        assert service.gone.wait(SECONDS)
        (record,) = gateway.ended(1)

    assert (record.outcome, record.status) == (Outcome.CANCELLED, None)
    assert logged(caplog) == ["POST /openai/v1/responses 499"]


@pytest.mark.parametrize(
    ("play", "settings", "message"),
    [
        (closing(OPEN + chunk(EVENT % 1)), "", "the upstream closed the connection"),
        (closing(OPEN + b"ff\r\n" + EVENT % 1), "", "the upstream closed the connection"),
        (
            closing(HEAD + b"Content-Length: 999\r\n\r\n" + EVENT % 1),
            "",
            "the upstream closed the connection",
        ),
        (resetting(OPEN + chunk(EVENT % 1)), "", "the upstream closed the connection"),
        (closing(OPEN + chunk(EVENT % 1), b"garbage\r\n"), "", "the upstream closed"),
        (answering(OPEN + chunk(EVENT % 1)), "idle_seconds = 0.3", "the upstream went silent"),
    ],
    ids=["closes", "in an event", "lies about length", "resets", "sends garbage", "stalls"],
)
def test_an_upstream_that_breaks_off_is_told_to_the_client(
    tmp_path: Path, play: Play, settings: str, message: str
) -> None:
    with relaying(play, tmp_path, provider=settings) as (gateway, _), answer_of(gateway) as answer:
        body = answer.read()
        (record,) = gateway.ended(1)

    assert body.startswith(EVENT % 1)
    assert failure(body).startswith(message)
    assert (record.outcome, record.error) == (Outcome.FAILED, "upstream broke off")


@pytest.mark.parametrize(
    ("play", "settings", "message"),
    [
        (closing(b""), "", "closed the connection without an answer"),
        (closing(b"HTTP/1.1 200"), "", "closed the connection without an answer"),
        (answering(b"SSH-2.0-OpenSSH\r\n\r\n"), "", "no usable answer from"),
        (answering(b""), "idle_seconds = 0.3", "did not answer in time"),
    ],
    ids=["closes", "in the first line", "other protocol", "stalls"],
)
def test_an_upstream_that_never_answers_is_an_error_of_its_own(
    tmp_path: Path, play: Play, settings: str, message: str
) -> None:
    with relaying(play, tmp_path, provider=settings) as (gateway, service):
        reply = post(gateway, QUESTION)

    assert reply.status == 500
    told = json.loads(reply.body)
    assert told["code"] == "500"
    assert message in told["message"]
    assert service.url.rpartition("/")[2] in told["message"]
    assert gateway.records()[0].error == "upstream did not answer"


def test_a_stream_that_is_silent_is_held_between_events_only(tmp_path: Path) -> None:
    held = threading.Event()

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1))
        assert held.wait(SECONDS)
        connection.sendall(chunk(b'data: {"type":'))
        threading.Event().wait(0.5)
        connection.sendall(chunk(b'"x"}\n\n' + COMPLETED) + b"0\r\n\r\n")

    keep_alive = b'event: keepalive\ndata: {"type":"keepalive"}\n\n'
    with (
        relaying(play, tmp_path, "[relay]\nkeep_alive_seconds = 0.2") as (gateway, _),
        answer_of(gateway) as answer,
    ):
        assert read_to(answer, b"\n\n") == EVENT % 1
        assert read_to(answer, b"\n\n") == keep_alive
        held.set()
        rest = answer.read()

    assert rest.replace(keep_alive, b"") == b'data: {"type":"x"}\n\n' + COMPLETED


def test_a_stop_lets_streams_finish_and_refuses_what_is_new(tmp_path: Path) -> None:
    stopping, told = threading.Event(), threading.Event()

    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1))
        assert told.wait(SECONDS)
        connection.sendall(chunk(COMPLETED) + b"0\r\n\r\n")

    later: list[tuple[int, list[str], bytes]] = []

    def ask_again(kept: http.client.HTTPConnection, gateway: RunningGateway) -> None:
        assert stopping.wait(SECONDS)
        # The gateway is told to stop a moment after this.
        threading.Event().wait(0.3)
        kept.request("GET", "/openai/v1/models", headers=gateway.headers())
        response = kept.getresponse()
        told_of = ("Content-Type", "X-Content-Type-Options", "Connection")
        heads = [response.headers[name] for name in told_of]
        later.append((response.status, heads, response.read()))
        told.set()

    with contextlib.ExitStack() as client:
        with relaying(play, tmp_path) as (gateway, _):
            kept = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
            client.enter_context(contextlib.closing(kept))
            kept.request("GET", "/openai/v1/nothing", headers=gateway.headers())
            kept.getresponse().read()
            answer = client.enter_context(answer_of(gateway))
            assert read_to(answer, b"\n\n") == EVENT % 1
            thread = threading.Thread(target=ask_again, args=(kept, gateway))
            thread.start()
            stopping.set()
        thread.join(SECONDS)
        rest = answer.read()

    plain = ["text/plain; charset=utf-8", "nosniff", "close"]
    assert later == [(500, plain, b"server closed\n")]
    assert rest == COMPLETED
    assert gateway.records()[0].outcome is Outcome.COMPLETED


def test_cookies_of_the_upstream_are_not_kept(tmp_path: Path) -> None:
    play = answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}")

    with relaying(play, tmp_path) as (gateway, service):
        for _ in range(2):
            post(gateway, b"", path="/openai/v1/models")

    assert [request.header("Cookie") for request in service.requests] == [[], []]


def test_more_requests_at_a_time_than_are_served(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(OPEN + chunk(EVENT % 1))

    with relaying(play, tmp_path, "max_concurrency = 1") as (gateway, _):
        with answer_of(gateway) as answer:
            read_to(answer, b"\n\n")
            reply = post(gateway, QUESTION)
        gateway.ended(1)

    assert reply.status == 503
    message = b'{"message":"AI Bridge is currently at capacity. Please try again later."}\n'
    assert (reply.body, reply.headers["Content-Type"]) == (
        message,
        "application/json; charset=utf-8",
    )
