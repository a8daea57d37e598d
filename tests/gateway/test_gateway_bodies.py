"""Request bodies in other encodings, in pieces, and beyond the limit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from provisioner.gateway.body import BODY_LIMIT
from tests.support.gateway_server import RunningGateway, post, running_gateway, send

TOO_LARGE = b"Request body too large. The maximum allowed request body size is 32MiB.\n"
UNREADABLE = b'failed to create "/openai/v1/responses" interceptor\n'
QUESTION = json.dumps({"model": "m", "input": "compressed hello"}).encode()


def zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path) as running:
        yield running


def sent(gateway: RunningGateway, encoding: str, body: bytes) -> tuple[int, bytes]:
    reply = post(gateway, body, headers=gateway.headers(**{"Content-Encoding": encoding}))
    return reply.status, reply.body


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("zstd", zstd), (" Zstd ", zstd)],
)
def test_compressed_bodies_are_read(gateway: RunningGateway, encoding: str, compress) -> None:  # noqa: ANN001
    status, body = sent(gateway, encoding, compress(QUESTION))

    assert status == 200
    assert b"compressed hello" in body


def test_a_body_may_have_several_frames(gateway: RunningGateway) -> None:
    assert sent(gateway, "zstd", zstd(QUESTION[:9]) + zstd(QUESTION[9:]))[0] == 200
    assert (
        sent(gateway, "gzip", gzip.compress(QUESTION[:9]) + gzip.compress(QUESTION[9:]))[0] == 200
    )


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", QUESTION),
        ("gzip", gzip.compress(QUESTION)[:-12]),
        ("gzip", b""),
        ("zstd", QUESTION),
        ("zstd", zstd(QUESTION)[:-4]),
        ("zstd", b""),
        ("deflate", QUESTION),
        ("gzip, zstd", zstd(gzip.compress(QUESTION))),
    ],
    # Not from the bytes: gzip writes the time into them.
    ids=["no gzip", "cut gzip", "empty gzip", "no zstd", "cut zstd", "empty zstd", "other", "two"],
)
def test_broken_and_unknown_encodings(gateway: RunningGateway, encoding: str, body: bytes) -> None:
    assert sent(gateway, encoding, body) == (500, UNREADABLE)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_a_small_body_that_grows_beyond_the_limit(
    gateway: RunningGateway,
    encoding: str,
    compress,  # noqa: ANN001
) -> None:
    bomb = compress(b'{"model":"' + b" " * BODY_LIMIT + b'"}')

    assert len(bomb) < BODY_LIMIT // 100
    assert sent(gateway, encoding, bomb) == (413, TOO_LARGE)


def test_a_body_of_unknown_length_beyond_the_limit(gateway: RunningGateway) -> None:
    piece = b" " * (1024 * 1024)
    chunk = b"%x\r\n%b\r\n" % (len(piece), piece)
    head = (
        "POST /openai/v1/responses HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {gateway.token}\r\n\r\n"
    )

    reply = send(gateway, head.encode() + chunk * 33 + b"0\r\n\r\n")

    assert (reply.status, reply.body) == (413, TOO_LARGE)


def test_a_body_of_exactly_the_limit_is_taken(gateway: RunningGateway) -> None:
    body = QUESTION + b" " * (BODY_LIMIT - len(QUESTION))

    assert post(gateway, body).status == 200


def test_broken_chunks(gateway: RunningGateway, caplog: pytest.LogCaptureFixture) -> None:
    head = (
        "POST /openai/v1/responses HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
        f"Authorization: Bearer {gateway.token}\r\n\r\n"
    )

    reply = send(gateway, head.encode() + b"not a length\r\n")

    assert reply.status in (400, 500)
    assert b"Traceback" not in reply.body
    assert "Traceback" not in caplog.text
    assert gateway.token not in caplog.text


def test_text_that_no_database_holds(gateway: RunningGateway) -> None:
    body = rb'{"model":"\ud800m","input":"half a pair \ud83d and a \u0000"}'
    head = (
        "POST /openai/v1/responses HTTP/1.1\r\nHost: test\r\n"
        f"Authorization: Bearer {gateway.token}\r\nContent-Length: {len(body)}\r\n"
    )

    reply = send(gateway, head.encode() + b"User-Agent: codex \xff\xfe\r\n\r\n" + body)

    assert reply.status == 200
    post(gateway, QUESTION)
    later, odd = gateway.ended(2)
    assert later.prompts[0].prompt == "compressed hello"
    assert odd.model == "?m"
    assert odd.prompts[0].prompt == "half a pair ? and a \N{REPLACEMENT CHARACTER}"


def impatient(folder: Path) -> Path:
    (folder / "g.toml").write_text("[relay]\nrequest_seconds = 0.3\n")
    return folder / "g.toml"


def test_a_body_that_does_not_come_to_its_end(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "state", impatient(tmp_path)) as gateway:
        head = f"POST /openai/v1/responses HTTP/1.1\r\nAuthorization: Bearer {gateway.token}\r\n"
        reply = send(gateway, f'{head}Host: test\r\nContent-Length: 99\r\n\r\n{{"model'.encode())

    assert (reply.status, reply.body) == (408, b"the request body did not arrive in time\n")


TOKENS = "POST /api/v2/users/me/keys/tokens HTTP/1.1\r\nHost: test\r\nCoder-Session-Token: "


@pytest.mark.parametrize(
    ("length", "sent", "status", "message"),
    [
        ("99", '{"token', 408, "The request body did not arrive in time."),
        ("99999999", "", 413, "The request body is too large."),
        (str(1024 * 1024 + 1), "", 413, "The request body is too large."),
    ],
)
def test_a_body_of_the_management_api_that_does_not_come_to_its_end(
    tmp_path: Path, length: str, sent: str, status: int, message: str
) -> None:
    with running_gateway(tmp_path / "state", impatient(tmp_path)) as gateway:
        head = f"{TOKENS}{gateway.token}\r\nContent-Length: {length}\r\n\r\n"
        reply = send(gateway, f"{head}{sent}".encode())

    assert (reply.status, json.loads(reply.body)) == (status, {"message": message})
    assert reply.headers["Connection"] == "close"


def test_a_head_that_does_not_come_to_its_end(tmp_path: Path) -> None:
    with (
        running_gateway(tmp_path / "state", impatient(tmp_path)) as gateway,
        gateway.connect() as connection,
    ):
        connection.sendall(b"POST /openai/v1/responses HTTP/1.1\r\nX-Slow: ")

        assert connection.recv(1) == b""


def test_more_headers_than_anybody_sends(gateway: RunningGateway) -> None:
    flood = "".join(f"X-{number}: x\r\n" for number in range(5000))

    reply = send(gateway, f"GET /openai/v1/models HTTP/1.1\r\n{flood}\r\n".encode())

    assert reply.status == 400
