"""The event stream of another API in, that of the Responses API out, as it arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from provisioner.gateway.json_parts import as_object
from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.protocol import AnswerReader
from provisioner.gateway.upstreams.protocol import ByteStream, UpstreamError

__all__ = ["TranslatedBody"]

_DONE = b"[DONE]"
# For how long an upstream that has said all may take to end its stream, to be asked again on the
# same connection.
_FAREWELL_SECONDS = 1.0
_BROKE_OFF = "the upstream ended its answer before it was done"


class TranslatedBody:
    """Reads one answer; it goes on for as long as the upstream does, unless it failed."""

    def __init__(self, body: ByteStream, reader: AnswerReader, events: AnswerEvents) -> None:
        """Translate `body` with `reader`, which tells `events`."""
        self._body = body
        self._chunks = aiter(body)
        self._reader = reader
        self._events = events
        self._parser = EventStreamParser()

    def __aiter__(self) -> TranslatedBody:
        """Return itself: a body is read once."""
        return self

    async def __anext__(self) -> bytes:
        """Return the events that are due; raises `UpstreamError`."""
        while self._events.response is None:
            try:
                self._feed(await anext(self._chunks))
            except StopAsyncIteration:
                self._end()
            out = self._events.take()
            if out:
                return out
        out = self._events.take()
        if out:
            return out
        await self._farewell()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Let go of the upstream."""
        await self._body.aclose()

    def _feed(self, chunk: bytes) -> None:
        for event in self._parser.feed(chunk):
            if self._events.response is not None:
                return
            if event.data == _DONE:
                self._reader.end()
            elif document := as_object(event.data):
                self._reader.event(document)

    def _end(self) -> None:
        # An upstream may leave the blank line behind its last event out.
        self._feed(b"\n\n")
        if self._events.response is None:
            self._reader.end()
        if self._events.response is None:
            raise UpstreamError(_BROKE_OFF)

    async def _farewell(self) -> None:
        with suppress(TimeoutError, UpstreamError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                async for _ in self._chunks:
                    pass
