"""However a stream is cut into chunks, the same events come out."""

from __future__ import annotations

import itertools
import re

from hypothesis import example, given
from hypothesis import strategies as st

from provisioner.gateway.sse import Event, EventStreamParser

ENDINGS = st.sampled_from([b"\n", b"\r", b"\r\n"])
FIELDS = st.sampled_from([b"", b"data", b"event", b"id", b"dataa", b": note", b"data: \xc3\xa9"])
LINES = st.builds(
    lambda field, value, ending: field + value + ending,
    FIELDS,
    st.sampled_from([b"", b":", b": ", b":  x", b": {}", b": a:b", b":\x00"]),
    ENDINGS,
)
STREAMS = st.builds(
    lambda start, lines, rest: start + b"".join(lines) + rest,
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xef\xbb", b"\xef"]),
    st.lists(st.one_of(LINES, ENDINGS), max_size=20),
    st.binary(max_size=6),
)


def parsed(chunks: list[bytes]) -> list[Event]:
    parser = EventStreamParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def by_the_book(stream: bytes) -> list[Event]:
    """Parse a whole stream the slow way, straight from the rules."""
    events: list[Event] = []
    name, data = b"", b""
    *lines, _unfinished = re.split(rb"\r\n|\n|\r", stream.removeprefix(b"\xef\xbb\xbf"))
    for line in lines:
        if line == b"":
            if data:
                events.append(Event(name, data[:-1]))
            name, data = b"", b""
            continue
        field, colon, value = line.partition(b":")
        if colon and value[:1] == b" ":
            value = value[1:]
        if field == b"data":
            data += value + b"\n"
        elif field == b"event":
            name = value
    return events


@given(stream=STREAMS, cuts=st.lists(st.integers(0, 200), max_size=12))
@example(stream=b"data: a\r\n\r\ndata: b\r\n\r\n", cuts=[8, 10])
@example(stream=b"\xef\xbb\xbfdata: a\n\n", cuts=[1, 2, 3])
def test_any_split_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(edges)]

    assert b"".join(chunks) == stream
    assert parsed(chunks) == by_the_book(stream)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_are_survived(stream: bytes, size: int) -> None:
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]

    assert parsed(chunks) == by_the_book(stream)
