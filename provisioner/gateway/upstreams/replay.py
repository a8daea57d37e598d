"""Answers as they were once recorded, without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator

from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import UpstreamRequest, UpstreamResponse
from provisioner.gateway.upstreams.recording import Question, Recorded, Recording, question

__all__ = ["ReplayUpstream"]

_BETWEEN_EVENTS = b"\n\n"


class ReplayUpstream:
    """Answers each question as the recording does; the same question gets the same bytes."""

    def __init__(self, recording: Recording) -> None:
        """Play `recording`."""
        self._recording = recording

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Answer `request`; what was never asked gets 404."""
        found = self._find(question(request.method, request.path, request.document))
        if found is None:
            message = f"nothing is recorded for this {request.method} {request.path}"
            error = {"message": message, "type": "invalid_request_error", "code": "not_recorded"}
            body = json.dumps({"error": error}, separators=(",", ":")).encode()
            return UpstreamResponse(404, {"Content-Type": "application/json"}, KnownBody((body,)))
        return UpstreamResponse(found.status, found.headers, KnownBody(_events(found.body)))

    def _find(self, asked: Question) -> Recorded | None:
        """Return the answer to the very same body, else to the same question, asked last.

        The last one, as a client that asked again did not like the answers before.
        """
        alike = [
            (known, told)
            for known, told in self._recording
            if known.path.endswith(asked.path)
            and known.gist == (asked.method, known.path, asked.prompt, asked.outputs)
        ]
        same = [told for known, told in alike if known.body == asked.body]
        answers = same or [told for _, told in alike]
        return answers[-1] if answers else None


def _events(body: bytes) -> Iterator[bytes]:
    """Yield `body` event by event, as a model would have sent it."""
    *events, rest = body.split(_BETWEEN_EVENTS)
    yield from (event + _BETWEEN_EVENTS for event in events)
    if rest:
        yield rest
