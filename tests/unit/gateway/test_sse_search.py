"""Finding events gives what parsing everything gives, however the stream is cut."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from provisioner.gateway.sse import Event, EventStreamParser
from provisioner.gateway.sse_search import EventSearch

MARKS = re.compile(b'"(?:end|item)"')
PIECES = st.sampled_from(
    [
        b'event: x\ndata: {"type":"end"}\n\n',
        b'data: {"type":"item",\ndata: "a": 1}\n\n',
        b'data: {"type":"delta"}\n\n',
        b': "end" in a comment\n\n',
        b'data: "end"\r\n\r\n',
        b'data: "item"\r\r',
        b"\n",
        b"\n\n",
        b"\xef\xbb\xbf",
        b'data: "end"',
        b"data: \xff\xfe",
    ]
)


@given(st.lists(PIECES), st.lists(st.integers(0, 300)).map(sorted))
def test_any_stream_cut_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pieces)
    search = EventSearch(MARKS)
    found: list[Event] = []
    start = 0
    for end in [*cuts, len(stream)]:
        found += search.feed(stream[start:end])
        start = max(start, end)

    # A stream that is parsed in full also gives events without a mark.
    marked = [event for event in found if MARKS.search(event.data)]
    every = EventStreamParser().feed(stream)
    assert marked == [event for event in every if MARKS.search(event.data)]


def test_deltas_are_not_returned() -> None:
    search = EventSearch(MARKS)

    assert search.feed(b'data: {"type":"delta"}\n\ndata: {"type":') == []
    assert search.feed(b'"end"}\n') == []
    assert search.feed(b"\n") == [Event(b"", b'{"type":"end"}')]


def test_an_empty_chunk_changes_nothing() -> None:
    search = EventSearch(MARKS)

    assert search.feed(b'data: {"type":"end"}\n') == []
    assert search.feed(b"") == []
    assert search.feed(b"\n") == [Event(b"", b'{"type":"end"}')]
