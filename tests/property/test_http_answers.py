"""Answers of upstreams, however they are framed and wherever the network cuts them."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.upstreams.http_connection import HttpConnection

PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
INTERIM = st.lists(
    st.sampled_from([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"]),
    max_size=3,
)


class Wire(asyncio.Transport):
    """What a connection writes to, and whether it closed it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Go on: all of it is on its way already."""

    def resume_reading(self) -> None:
        """Go on."""


def framed(pieces: list[bytes], framing: str) -> bytes:
    body = b"".join(pieces)
    if framing == "chunks":
        chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        return b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\nTrailer: x\r\n\r\n"
    length = b"Content-Length: %d\r\n" % len(body) if framing == "length" else b""
    return length + b"\r\n" + body


def split(raw: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(raw) + 1) for cut in cuts} | {0, len(raw)})
    return [raw[a:b] for a, b in itertools.pairwise(places)]


async def heard(
    parts: list[bytes], *, ends: bool, cut: bool = False
) -> tuple[HttpConnection, bytes]:
    connection, wire = HttpConnection(), Wire()
    connection.connection_made(wire)
    asked = asyncio.ensure_future(
        connection.ask(b"GET / HTTP/1.1\r\n\r\n", b"", is_bodiless=False, idle=60, total=None)
    )
    await asyncio.sleep(0)
    for part in parts:
        connection.data_received(part)
        await asyncio.sleep(0)
    if ends:
        connection.eof_received()
    if cut or ends:
        connection.connection_lost(None)
    await asked
    body = b""
    while chunk := await connection.more():
        body += chunk
    connection.close()
    return connection, body


@given(INTERIM, PIECES, st.sampled_from(["chunks", "length", "end"]), st.lists(st.integers(0)))
def test_an_answer_is_the_same_wherever_it_is_cut(
    interim: list[bytes], pieces: list[bytes], framing: str, cuts: list[int]
) -> None:
    head = b"HTTP/1.1 203 Odd\r\nX-A: b\xc3\xa9\r\n"
    raw = b"".join(interim) + head + framed(pieces, framing)
    connection, body = asyncio.run(heard(split(raw, cuts), ends=framing == "end"))
    assert (connection.status, body) == (203, b"".join(pieces))
    assert connection.headers[0] == ("X-A", "bé")


@given(PIECES.filter(bool), st.sampled_from(["chunks", "length"]), st.integers(1, 30))
def test_an_answer_that_breaks_off_is_never_a_shorter_one(
    pieces: list[bytes], framing: str, missing: int
) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + framed(pieces, framing)
    try:
        asyncio.run(heard([raw[:-missing]], ends=False, cut=True))
    except ConnectionError:
        return
    raise AssertionError("it was taken for a whole one")
