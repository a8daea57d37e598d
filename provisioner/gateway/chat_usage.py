"""Token usage of a Chat Completions stream: asked for by the gateway, kept from the client.

A stream tells what it cost only if the request says so, and then in a chunk of its own, without
choices. Clients that did not ask for it may stumble over such a chunk.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any

from provisioner.gateway.json_parts import as_object
from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.upstreams.protocol import ByteStream

__all__ = ["asking_for_usage", "without_usage"]

_BLANK = re.compile(rb"\r?\n\r?\n|\r\r")
# What is longer is no chunk that tells usage.
_MOST_KEPT = 1024 * 1024


def asking_for_usage(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the request `document` with a wish for usage, None if it has one."""
    options = as_object(document.get("stream_options"))
    if options.get("include_usage") is True:
        return None
    return {**document, "stream_options": {**options, "include_usage": True}}


async def without_usage(
    body: ByteStream, read: Callable[[bytes], None]
) -> AsyncGenerator[bytes, None]:
    """Yield the chunks of `body` event by event; `read` gets that with the usage instead."""
    kept = b""
    async for chunk in body:
        kept += chunk
        passed, end = [], 0
        for start, end in _events(kept):
            event = kept[start:end]
            if not _is_usage(event):
                passed.append(event)
                continue
            if passed:
                # Whoever reads along must get everything in its order.
                yield b"".join(passed)
                passed = []
            read(event)
        kept = kept[end:]
        if len(kept) > _MOST_KEPT:
            passed.append(kept)
            kept = b""
        if passed:
            yield b"".join(passed)
    if kept:
        yield kept


def _events(text: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    for blank in _BLANK.finditer(text):
        yield start, blank.end()
        start = blank.end()


def _is_usage(event: bytes) -> bool:
    if b'"usage"' not in event:
        return False
    documents = [as_object(told.data) for told in EventStreamParser().feed(event)]
    return any(told.get("choices") == [] and as_object(told.get("usage")) for told in documents)
