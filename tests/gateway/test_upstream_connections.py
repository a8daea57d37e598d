"""Connections to upstreams: kept, broken, slow, over TLS, and names that are no ordinary ones."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from multidict import CIMultiDict

from provisioner.gateway.upstreams.http_addresses import Addresses
from provisioner.gateway.upstreams.http_direct import DirectWay
from provisioner.gateway.upstreams.http_inflate import inflated
from provisioner.gateway.upstreams.http_pool import HttpPool
from provisioner.gateway.upstreams.protocol import UpstreamRequest, UpstreamResponse
from tests.support.certificates import Authority
from tests.support.gateway_server import SECONDS, post, running_gateway, send
from tests.support.relayed import (
    COMPLETED,
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


def silent(_: TwinRequest, __: socket.socket) -> None:
    threading.Event().wait(2)


@pytest.mark.parametrize(
    ("play", "words"),
    [
        (silent, "did not answer in time"),
        (closing(b"no HTTP at all\n\n"), "no usable answer from"),
        (answering(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhello"), "no usable answer from"),
        (answering(HEAD + b"X-Odd: a\x01b\r\n\r\n"), "no usable answer from"),
    ],
    ids=["silent", "garbage", "another protocol", "control in header"],
)
def test_an_upstream_that_is_no_use_is_told_over_tls_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, play: Play, words: str
) -> None:
    (tmp_path / "ca").mkdir()
    authority = Authority(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with twin(play, authority.server()) as service:
        settings = f'base_url = "{service.url}/v1"\nidle_seconds = 0.5\n'
        (tmp_path / "g.toml").write_text(PROVIDER + settings)
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            reply = post(gateway, QUESTION)

    assert reply.status == 500
    assert words in json.loads(reply.body)["message"]


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE.replace(b"\r\n", b"\n"),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        b"%x \r\n%b\r\n0\r\n\r\n" % (len(COMPLETED), COMPLETED),
    ],
    ids=["lines end in LF", "blank behind a size"],
)
def test_what_old_gateways_of_companies_send_is_read(tmp_path: Path, answer: bytes) -> None:
    with relaying(answering(answer), tmp_path) as (gateway, _):
        assert post(gateway, QUESTION).body == COMPLETED


def test_a_body_that_an_encoding_without_length_has_ends_with_the_connection(
    tmp_path: Path,
) -> None:
    play = closing(HEAD + b"Transfer-Encoding: identity\r\n\r\n" + COMPLETED)
    with relaying(play, tmp_path) as (gateway, _):
        assert post(gateway, QUESTION).body == COMPLETED


def test_the_body_of_what_comes_before_an_answer_is_nobodys(tmp_path: Path) -> None:
    early = b"HTTP/1.1 104 Odd\r\nContent-Length: 5\r\n\r\nEVIL!"
    with relaying(answering(early + WHOLE), tmp_path) as (gateway, _):
        reply = post(gateway, QUESTION)
    assert (reply.status, b"EVIL" in reply.body) == (500, False)


def test_headers_behind_a_body_are_nobodys_and_have_an_end(tmp_path: Path) -> None:
    body = OPEN + chunk(COMPLETED) + b"0\r\n"
    trailer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    named = b"Content-Type: text/evil\r\nRetry-After: 9\r\n\r\n"
    plays = answering(trailer + named, body + b"X-Long: " + b"a" * 200_000)
    with relaying(plays, tmp_path) as (gateway, _):
        short = post(gateway, b"", path="/openai/v1/models")
        long = post(gateway, QUESTION)

    assert (short.status, short.headers["Content-Type"]) == (200, "application/octet-stream")
    assert long.body.startswith(COMPLETED)
    assert b"before it was done" in long.body


def test_a_kept_connection_that_was_just_closed_costs_nobody_an_answer(tmp_path: Path) -> None:
    def once(_: TwinRequest, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        # The next question is taken, and the connection closed instead of an answer.
        connection.recv(10_000)
        connection.shutdown(socket.SHUT_RDWR)

    with relaying(once, tmp_path) as (gateway, service):
        head = f"GET /openai/v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.token}\r\n"
        statuses = [send(gateway, (head + "\r\n").encode()).status for _ in range(2)]

    assert statuses == [200, 200]
    assert len(service.requests) == 2


async def asked(base_url: str, seconds: float = 1.0) -> UpstreamResponse:
    request = UpstreamRequest("GET", "/models", "", {}, None, b"")
    way = DirectWay(base_url, HttpPool(), seconds, 5.0)
    return await way.ask(request, CIMultiDict(), b"", None)


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("straße.invalid", "xn--strae-oqa.invalid"),
        ("a..b", "a..b"),
        ("x" * 64 + ".test", "x" * 64 + ".test"),
    ],
    ids=["not ASCII", "empty label", "long label"],
)
def test_a_host_that_is_not_there_is_named_as_it_is_looked_up(host: str, named: str) -> None:
    with pytest.raises(Exception, match=f"cannot find the host {named}$"):
        asyncio.run(asked(f"http://{host}/v1", SECONDS))


def test_a_name_that_takes_long_to_look_up_takes_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lookups: list[str] = []
    looking, told = threading.Event(), threading.Event()

    def slowly(host: str, *_: object, **__: object) -> list[object]:
        lookups.append(host)
        looking.set()
        told.wait(SECONDS)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]

    async def many() -> list[object]:
        names = Addresses()
        waiting = [asyncio.ensure_future(names.of("slow.test", 9)) for _ in range(50)]
        await asyncio.to_thread(looking.wait, SECONDS)
        waiting[0].cancel()
        told.set()
        found = await asyncio.gather(*waiting[1:])
        return [*found, await names.of("slow.test", 9)]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    found = asyncio.run(many())
    assert lookups == ["slow.test"]
    assert len(found) == 50


class Pieces:
    """A compressed body, some bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._left = [data[at : at + 1000] for at in range(0, len(data), 1000)]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._left:
            yield self._left.pop(0)

    def begun(self) -> bool:
        return False

    def ended(self) -> bool:
        return False

    async def aclose(self) -> None:
        """Hold nothing."""


@pytest.mark.parametrize("window", [-zlib.MAX_WBITS, zlib.MAX_WBITS, 16 + zlib.MAX_WBITS])
def test_no_end_of_a_compressed_body_is_lost(window: int) -> None:
    async def read(data: bytes) -> bytes:
        body = inflated(Pieces(data), "deflate")
        return b"".join([chunk async for chunk in body])

    for size in range(256 * 1024 - 20, 256 * 1024 + 300, 7):
        clear = b"x" * size
        packer = zlib.compressobj(wbits=window)
        assert asyncio.run(read(packer.compress(clear) + packer.flush())) == clear


def test_a_request_on_its_way_is_not_hurried_by_a_client_that_reads_slowly(tmp_path: Path) -> None:
    body = b"".join(chunk(b"data: " + b"x" * 65_000 + b"\n\n") for _ in range(60))
    with twin(answering(OPEN + body + chunk(COMPLETED) + b"0\r\n\r\n")) as service:
        settings = f'base_url = "{service.url}/v1"\nidle_seconds = 0.3\n'
        (tmp_path / "g.toml").write_text(PROVIDER + settings)
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            raw = json.dumps(QUESTION).encode()
            with gateway.connect() as connection:
                head = "POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                auth = (
                    f"Authorization: Bearer {gateway.token}\r\nContent-Length: {len(raw)}\r\n\r\n"
                )
                connection.sendall((head + auth).encode() + raw)
                time.sleep(1)
                read = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert COMPLETED in read
