"""The few events of a stream that matter, found without reading all the others.

Most of an answer is deltas; looking for marks in the raw bytes costs a tenth of parsing them.
"""

from __future__ import annotations

import re

from provisioner.gateway.sse import Event, EventStreamParser

__all__ = ["EventSearch"]

_BLANK = b"\n\n"
_BOM_START = b"\xef"
# An event that is longer is left to the parser, which bounds what it keeps.
_MOST_KEPT = 1024 * 1024


class EventSearch:
    """Feed it chunks; each call returns the completed events that hold a match of `marks`.

    What it returns is what a parser of everything would, as far as an event with a match goes;
    a stream with carriage returns or a byte order mark is parsed in full.
    """

    __slots__ = ("_all", "_is_new", "_kept", "_marks", "_size")

    def __init__(self, marks: re.Pattern[bytes]) -> None:
        """Look for `marks`, which match within one line."""
        self._marks = marks
        self._all: EventStreamParser | None = None
        self._kept: list[bytes] = []
        self._size = 0
        self._is_new = True

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next `chunk` and return the events it completed, in order."""
        if not chunk:
            return []
        if self._all is not None:
            return self._all.feed(chunk)
        if self._is_new:
            self._is_new = False
            if chunk.startswith(_BOM_START):
                self._all = EventStreamParser()
                return self._all.feed(chunk)
        if b"\r" in chunk or self._size > _MOST_KEPT:
            self._all = _in_the_middle()
            return self._all.feed(self._taken(chunk))
        end = self._end(chunk)
        if not end:
            self._kept.append(chunk)
            self._size += len(chunk)
            return []
        whole = self._taken(chunk[:end])
        if end < len(chunk):
            self._kept, self._size = [chunk[end:]], len(chunk) - end
        return self._found(whole)

    def _end(self, chunk: bytes) -> int:
        """Return where the last event that `chunk` completes ends in it, 0 if there is none."""
        last = chunk.rfind(_BLANK)
        if last >= 0:
            return last + 2
        straddles = chunk.startswith(b"\n") and self._kept and self._kept[-1].endswith(b"\n")
        return 1 if straddles else 0

    def _taken(self, chunk: bytes) -> bytes:
        if not self._kept:
            return chunk
        whole = b"".join((*self._kept, chunk))
        self._kept, self._size = [], 0
        return whole

    def _found(self, whole: bytes) -> list[Event]:
        """Return the events in `whole`, a run of complete ones, that hold a match."""
        found: list[Event] = []
        place = 0
        parser: EventStreamParser | None = None
        while match := self._marks.search(whole, place):
            start = whole.rfind(_BLANK, place, match.start())
            start = place if start < 0 else start + 2
            place = whole.index(_BLANK, match.start()) + 2
            parser = parser or _in_the_middle()
            found += parser.feed(whole[start:place])
        return found


def _in_the_middle() -> EventStreamParser:
    """Return a parser of the rest of a stream: only its start may have a mark of byte order."""
    parser = EventStreamParser()
    parser.feed(b"\n")
    return parser
