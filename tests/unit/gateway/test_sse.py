"""The event-stream parser on the cases its format is known for."""

from __future__ import annotations

import pytest

from provisioner.gateway.sse import Event, EventStreamParser


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [Event(b"", b"a")]),
        (b"event: e\ndata: a\n\n", [Event(b"e", b"a")]),
        (
            b"data: a\r\n\r\ndata: b\r\rdata: c\n\n",
            [Event(b"", b"a"), Event(b"", b"b"), Event(b"", b"c")],
        ),
        (b"data: a\ndata: b\n\n", [Event(b"", b"a\nb")]),
        (b"data:a\ndata:  b\n\n", [Event(b"", b"a\n b")]),
        (b"data\ndata\n\n", [Event(b"", b"\n")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event(b"", b"a")]),
        (b"\xef\xbbdata: a\n\n", []),
        (b": comment\n\ndata: a\n\n", [Event(b"", b"a")]),
        (b"event: lost\n\ndata: a\n\n", [Event(b"", b"a")]),
        (b"id: 1\nretry: 5\ndata: a\nother: x\n\n", [Event(b"", b"a")]),
        (b"data: a\n", []),
        (b"data: a", []),
        (b"", []),
    ],
)
def test_streams(stream: bytes, events: list[Event]) -> None:
    assert EventStreamParser().feed(stream) == events
    bytewise = EventStreamParser()
    assert [event for byte in stream for event in bytewise.feed(bytes([byte]))] == events


def test_an_event_is_there_with_its_last_byte() -> None:
    parser = EventStreamParser()

    assert parser.feed(b"data: a\r\r") == [Event(b"", b"a")]
    assert parser.feed(b"\ndata: b\n\n") == [Event(b"", b"b")]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_an_event_beyond_the_limit_is_skipped_and_its_neighbours_are_not(size: int) -> None:
    stream = b"data: a\n\nevent: big\ndata: " + b"x" * 90 + b"\ndata: tail\n\ndata: b\n\n"
    parser = EventStreamParser(max_event_bytes=64)
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]

    events = [event for chunk in chunks for event in parser.feed(chunk)]

    assert events == [Event(b"", b"a"), Event(b"", b"b")]


def test_memory_stays_bounded_by_the_limit() -> None:
    parser = EventStreamParser(max_event_bytes=64)
    for _ in range(1000):
        parser.feed(b"x" * 64)

    assert sum(map(len, parser._line)) <= 64
