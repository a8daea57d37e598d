"""Requests that are no HTTP, mean two things at once, or hold what nobody reads."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import zstandard

from tests.support.gateway_server import SECONDS, RunningGateway, post, running_gateway, send
from tests.support.relayed import COMPLETED, HEAD, relaying
from tests.support.secret_search import SecretSearch
from tests.support.twin import answering

QUESTION = json.dumps({"model": "m", "input": "hello"}).encode()
SMUGGLED = b"GET /openai/v1/models HTTP/1.1\r\nHost: x\r\n\r\n"
UNREADABLE = (500, b'failed to create "/openai/v1/responses" interceptor\n')
NESTED = 200_000
HANDSHAKE = (
    b"GET /openai/v1/responses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "g.toml").write_text("[relay]\nwebsockets = true\nrequest_seconds = 1.5\n")
    with running_gateway(folder / "state", folder / "g.toml") as running:
        yield running


def head(gateway: RunningGateway, *fields: str) -> bytes:
    lines = "\r\n".join(["POST /openai/v1/responses HTTP/1.1", "Host: x", *fields])
    return f"{lines}\r\nAuthorization: Bearer {gateway.token}\r\n\r\n".encode()


def said(gateway: RunningGateway, raw: bytes, later: bytes = b"") -> bytes:
    """Send `raw`, then `later`; return all that comes until the gateway closes the connection."""
    with gateway.connect() as connection:
        connection.sendall(raw)
        if later:
            time.sleep(0.2)
            connection.sendall(later)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (("Content-Length: 3", "Content-Length: 3"), b"{}x"),
        (("Content-Length: 3", "Content-Length: 60"), b"{}x" + SMUGGLED),
        (("Content-Length: 2, 2",), b"{}"),
        (("Content-Length: +2",), b"{}"),
        (("Content-Length: -1",), b"{}"),
        (("Content-Length: 0x2",), b"{}"),
        (("Content-Length: 99999999999999999999",), b"{}"),
        (("Content-Length: 5", "Transfer-Encoding: chunked"), b"0\r\n\r\n" + SMUGGLED),
        (("Transfer-Encoding: chunked", "Content-Length: 4"), chunked(QUESTION) + SMUGGLED),
        (("Transfer-Encoding: xchunked", "Content-Length: 2"), b"{}" + SMUGGLED),
        (("Transfer-Encoding: chunked, gzip",), chunked(QUESTION)),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), chunked(QUESTION)),
        (("Transfer-Encoding : chunked",), chunked(QUESTION)),
        (("X-Fold: a\r\n b", "Content-Length: 2"), b"{}"),
        (("X-Nul: a\0b", "Content-Length: 2"), b"{}"),
        (("X-Cr: a\rb", "Content-Length: 2"), b"{}"),
        (("X-Long: " + "a" * 70_000,), b""),
        (("Transfer-Encoding: chunked",), b"ffffffffffffffffff\r\n"),
        (("Transfer-Encoding: chunked",), b"-1\r\n{}"),
        (("Transfer-Encoding: chunked",), b"2\n{}\n0\n\n"),
        (("Transfer-Encoding: chunked",), b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n"),
    ],
    ids=lambda value: value[0][:30] if isinstance(value, tuple) else repr(value[:12]),
)
def test_a_request_of_two_meanings_is_refused_and_nothing_behind_it_is_read(
    gateway: RunningGateway, fields: tuple[str, ...], body: bytes
) -> None:
    answer = said(gateway, head(gateway, *fields) + body)

    assert answer.startswith((b"HTTP/1.0 400 Bad Request\r\n", b"HTTP/1.1 400 Bad Request\r\n"))
    assert answer.endswith(b"\r\n\r\n400 Bad Request")
    assert answer.count(b"HTTP/1.") == 1


@pytest.mark.parametrize(
    "line", ["POST /openai/v1/responses", "GET /healthz", "GET /ui", "CONNECT x:1", "OPTIONS *"]
)
def test_an_expectation_that_nobody_knows_is_not_told_again(
    gateway: RunningGateway, line: str
) -> None:
    length = f"Content-Length: {len(SMUGGLED)}"
    asked = f"{line} HTTP/1.1\r\nHost: x\r\nExpect: sk-secret\r\n{length}\r\n\r\n"
    answer = said(gateway, asked.encode() + SMUGGLED)

    assert answer.startswith(b"HTTP/1.1 417 Expectation Failed\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.") == 1
    assert b"sk-secret" not in answer


@pytest.mark.parametrize(
    "raw",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        bytes.fromhex("16030100c2010000be0303") + bytes(200),
        b"GET /openai/v1/models HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /openai/v1/models HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0\1\2\3\r\n\r\n",
    ],
    ids=["HTTP/2", "TLS", "no such version", "no host", "long path", "bytes"],
)
def test_what_is_no_request_gets_one_plain_answer(gateway: RunningGateway, raw: bytes) -> None:
    answer = said(gateway, raw)

    assert b" 400 Bad Request\r\n" in answer
    assert answer.endswith(b"\r\n\r\n400 Bad Request")


def test_an_answer_to_what_cannot_be_read_quotes_none_of_it(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "sk-broken-request-4f81c02b77"
    field = f"Authorization: Bearer {key}\0"
    answers = [
        said(gateway, head(gateway, field)),
        said(gateway, f"GET /{key} HTTP/1.1 {key}\r\nHost: x\r\n\r\n".encode()),
        said(gateway, head(gateway, "Transfer-Encoding: chunked") + f"{key}\r\n".encode()),
        # What is left of a body that is longer than it says is no request.
        said(gateway, head(gateway, "Content-Length: 3") + f'{{}} "{key}"\r\n\r\n'.encode()),
    ]

    search = SecretSearch({"key": key, "token": gateway.token})
    assert [search.found_in(answer) for answer in answers] == [[]] * 4
    assert search.found_in(caplog.text) == []


@pytest.mark.parametrize("length", [0, 700_000], ids=["short", "more than is read ahead"])
def test_requests_in_a_row_are_answered_in_order(gateway: RunningGateway, length: int) -> None:
    names = [f"question {number:02}" for number in range(20)]
    asked = {"model": "m", "instructions": "x" * length}
    bodies = [json.dumps({**asked, "input": name}).encode() for name in names]
    raw = [head(gateway, f"Content-Length: {len(body)}") + body for body in bodies]
    last = head(gateway, "Content-Length: 2", "Connection: close") + b"{}"

    answer = said(gateway, b"".join([*raw, last]))

    places = [answer.index(name.encode()) for name in names]
    assert places == sorted(places)
    assert answer.count(b"HTTP/1.1 200 OK") == len(names) + 1


def test_more_requests_in_a_row_than_wait_behind_a_body_that_comes_late(
    gateway: RunningGateway,
) -> None:
    question = head(gateway, f"Content-Length: {len(QUESTION)}") + QUESTION
    last = head(gateway, "Content-Length: 2", "Connection: close") + b"{}"

    answer = said(gateway, question[:-5], question[-5:] + question * 40 + last)

    assert answer.count(b"HTTP/1.1 200 OK") == 42


def test_a_body_goes_on_behind_more_chunks_than_are_read_ahead(gateway: RunningGateway) -> None:
    begin = head(gateway, "Transfer-Encoding: chunked", "Connection: close")

    answer = said(gateway, begin + b"1\r\n \r\n" * 16_385, chunked(QUESTION))

    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_who_sends_garbage_and_leaves_is_no_error(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        with gateway.connect() as connection:
            connection.sendall(b"garbage\r\n\r\n")
    assert post(gateway, QUESTION).status == 200

    assert [text for text in caplog.messages if "Unhandled" in text] == []


def deep(pairs: bytes) -> bytes:
    return pairs[:1] * NESTED + pairs[1:] * NESTED


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "\xff\xfe"}',
        b'{"model": "m", "input": "a\x00b"}',
        deep(b"[]"),
        b'{"a":' * NESTED + b"1" + b"}" * NESTED,
        b'{"model": "m", "input": ' + deep(b"[]") + b"}",
        b'{"model": "m", "input": "x", "tools": ' + deep(b"[]") + b"}",
        b'{"model": "m", "input": [' + deep(b"[]") + b', {"role": "user", "content": "x"}]}',
        QUESTION + b"garbage",
        QUESTION * 2,
        QUESTION + b"\0",
        b'"text"',
        b"[]",
        b"null",
        b"",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bodies_that_are_no_object_of_json(gateway: RunningGateway, body: bytes) -> None:
    reply = post(gateway, body)

    assert (reply.status, reply.body) == UNREADABLE


@pytest.mark.parametrize(
    "number",
    [b"9" * 100_000, b"-" + b"9" * 100_000, b"1e999999", b"NaN"],
    ids=["long", "long and negative", "beyond a float", "none"],
)
def test_numbers_of_any_size_are_for_the_upstream_to_judge(
    gateway: RunningGateway, number: bytes
) -> None:
    body = b'{"model": "m", "input": "hello", "seed": ' + number + b"}"

    assert post(gateway, body).status == 200


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(QUESTION) + b"garbage"),
        ("zstd", zstandard.compress(QUESTION) + b"garbage"),
        # Frames that claim to need two gigabytes, or to be a terabyte long.
        ("zstd", bytes.fromhex("28b52ffd") + bytes([0, (31 - 10) << 3]) + b"\1\0\0"),
        ("zstd", bytes.fromhex("28b52ffdc058") + (2**40).to_bytes(8, "little") + b"\1\0\0"),
        ("gzip", gzip.compress(gzip.compress(QUESTION))),
    ],
    ids=["gzip and more", "zstd and more", "large window", "large size", "gzip of gzip"],
)
def test_compressed_bodies_that_lie(gateway: RunningGateway, encoding: str, body: bytes) -> None:
    reply = post(gateway, body, headers=gateway.headers(**{"Content-Encoding": encoding}))

    assert (reply.status, reply.body) == UNREADABLE


def test_a_body_of_one_byte_more_than_is_taken(gateway: RunningGateway) -> None:
    length = 32 * 1024 * 1024 + 1

    # Nobody waits for what is known to be too long.
    reply = send(gateway, head(gateway, f"Content-Length: {length}"))

    assert reply.status == 413


@pytest.mark.parametrize(("where", "answer"), [("head", b""), ("body", b"HTTP/1.1 408")])
def test_a_byte_now_and_then_does_not_hold_a_connection(
    gateway: RunningGateway, where: str, answer: bytes
) -> None:
    start = head(gateway, "Content-Length: 999")
    first = start[:-4] if where == "head" else start
    over = threading.Event()
    with gateway.connect() as connection:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not over.wait(0.1):
                    connection.send(b"a")

        thread = threading.Thread(target=drip)
        connection.sendall(first)
        thread.start()
        try:
            heard = connection.recv(12)
        except ConnectionResetError:
            # As a byte came after the end.
            heard = b""
        over.set()
        thread.join(SECONDS)

    assert heard == answer


def test_a_client_that_stops_sending_has_left(gateway: RunningGateway) -> None:
    with gateway.connect() as connection:
        connection.sendall(head(gateway, "Content-Length: 99") + b'{"model"')
        connection.shutdown(socket.SHUT_WR)

        assert connection.recv(1) == b""


def test_a_handshake_without_its_key(gateway: RunningGateway) -> None:
    reply = send(gateway, HANDSHAKE % gateway.token.encode() + b"\r\n")

    assert (reply.status, reply.body) == (400, b"bad WebSocket handshake\n")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xf1\x82\0\0\0\0hi", 1002),
        (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
        (b"\x81\xff" + (2**40).to_bytes(8, "big") + bytes(4) + b"hi", 1009),
    ],
    ids=["reserved bits", "no UTF-8", "a terabyte"],
)
def test_frames_that_break_the_rules_close_the_websocket(
    gateway: RunningGateway, frame: bytes, code: int
) -> None:
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    answer = said(gateway, HANDSHAKE % gateway.token.encode() + key + frame)

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.endswith(b"\x88\x02" + code.to_bytes(2, "big"))


def test_what_the_gateway_cannot_judge_goes_on_as_it_came(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    body = b'{"model":"m","model":"n","input":"a","seed":' + b"9" * 5000 + b"}"
    answer = HEAD + b"Content-Length: %d\r\n\r\n" % len(COMPLETED) + COMPLETED
    with relaying(answering(answer), tmp_path_factory.mktemp("relay")) as (relayer, service):
        assert post(relayer, body).status == 200

    assert [request.body for request in service.requests] == [body]
