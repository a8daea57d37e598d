"""An incremental event-stream parser: bytes in, in chunks of any size, events out.

Follows the event-stream format of the HTML standard for what a gateway needs: event name and data.
Lines may end in LF, CR or CRLF; comments, `id` and `retry` fields are skipped.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Event", "EventStreamParser"]

_BOM = b"\xef\xbb\xbf"
_MAX_EVENT_BYTES = 32 * 1024 * 1024


class Event(Struct, frozen=True):
    """One dispatched event: its name (empty when not given) and its data, lines joined by LF."""

    name: bytes
    data: bytes


class EventStreamParser:
    """Feed it chunks; each call returns the events that the chunk completed."""

    def __init__(self, max_event_bytes: int = _MAX_EVENT_BYTES) -> None:
        """Skip any event of more than `max_event_bytes`, so that memory stays bounded."""
        self._max_event_bytes = max_event_bytes
        self._start: bytes | None = b""
        self._skip_lf = False
        self._line: list[bytes] = []
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next `chunk` and return the events it completed, in order."""
        if self._start is not None:
            chunk = self._without_bom(chunk)
        if self._skip_lf and chunk:
            # The CR that ended the last chunk already ended its line.
            chunk = chunk.removeprefix(b"\n")
            self._skip_lf = False
        if not chunk:
            return []
        if b"\n" not in chunk and b"\r" not in chunk:
            self._keep(chunk)
            return []
        self._skip_lf = chunk.endswith(b"\r")
        return self._complete(chunk)

    def _without_bom(self, chunk: bytes) -> bytes:
        seen = (self._start or b"") + chunk
        if len(seen) < len(_BOM) and _BOM.startswith(seen):
            self._start = seen
            return b""
        self._start = None
        return seen.removeprefix(_BOM)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._max_event_bytes:
            self._line.append(part)
        else:
            # What is left of the line must not look like a blank one, which would end the event.
            self._line = [b":"]

    def _complete(self, chunk: bytes) -> list[Event]:
        lines = chunk.splitlines()
        rest = b"" if chunk.endswith((b"\n", b"\r")) else lines.pop()
        if lines and self._line:
            lines[0] = b"".join((*self._line, lines[0]))
            self._size -= sum(map(len, self._line))
            self._line = []
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            else:
                self._dispatch(events)
        if rest:
            self._keep(rest)
        return events

    def _field(self, line: bytes) -> None:
        self._size += len(line)
        if self._size > self._max_event_bytes:
            self._data.clear()
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value

    def _dispatch(self, events: list[Event]) -> None:
        if self._data and self._size <= self._max_event_bytes:
            events.append(Event(self._name, b"\n".join(self._data)))
        self._name = b""
        self._data = []
        self._size = 0
