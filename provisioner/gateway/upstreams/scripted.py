"""The embedded upstream: plays a script instead of asking a model, without state or network."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable

from provisioner.gateway.upstreams.protocol import UpstreamRequest, UpstreamResponse
from provisioner.gateway.upstreams.response_events import event_stream
from provisioner.gateway.upstreams.script import Script
from provisioner.gateway.upstreams.scripted_answer import answer

__all__ = ["ScriptedUpstream"]

# `models` is what Codex reads, `object` and `data` are what OpenAI's own clients read.
_MODELS = {
    "models": [],
    "object": "list",
    "data": [
        {"id": "scripted", "object": "model", "created": 1_750_000_000, "owned_by": "provisioner"}
    ],
}


class ScriptedUpstream:
    """Answers `POST /responses` with the turn of its script that is due, and `GET /models`."""

    def __init__(self, script: Script) -> None:
        """Play `script` for every user message."""
        self._script = script

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Answer `request`; the same request gets the same bytes."""
        if request.path == "/responses":
            return self._responses(request)
        if request.path == "/models" and request.method in ("GET", "HEAD"):
            return _json(200, _MODELS)
        message = f"{request.method} {request.path} is not part of the scripted upstream"
        return _json(404, {"error": {"message": message, "type": "invalid_request_error"}})

    def _responses(self, request: UpstreamRequest) -> UpstreamResponse:
        said = answer(self._script, request)
        if request.document.get("stream") is not True:
            return _json(200, said.response())
        headers = {"Content-Type": "text/event-stream"}
        return UpstreamResponse(200, headers, _chunks(event_stream(said)))


def _json(status: int, document: object) -> UpstreamResponse:
    body = json.dumps(document, separators=(",", ":")).encode()
    return UpstreamResponse(status, {"Content-Type": "application/json"}, _chunks((body,)))


async def _chunks(chunks: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk
