"""The embedded upstream: plays a script instead of asking a model, without a network."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable

from provisioner.gateway.upstreams.conversation import position
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import (
    UpstreamCutError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.gateway.upstreams.script import Script, Turn
from provisioner.gateway.upstreams.script_failure import Ending, Failure
from provisioner.gateway.upstreams.scripted_answer import answer, due_turn
from provisioner.gateway.upstreams.scripted_count import COUNT_PATH, token_count
from provisioner.gateway.upstreams.scripted_failure import failed_stream, stop
from provisioner.gateway.upstreams.scripted_speech import SPEECHES, Speech

__all__ = ["ScriptedUpstream"]

_MODEL_LISTS = ("/models", "/v1/models")
_MOST_COUNTED = 10_000
# `models` is what Codex reads, `object` and `data` are what OpenAI's own clients read.
_MODELS = {
    "models": [],
    "object": "list",
    "data": [
        {"id": "scripted", "object": "model", "created": 1_750_000_000, "owned_by": "provisioner"}
    ],
}


class ScriptedUpstream:
    """Answers a question in any API with the turn of its script that is due, counts, lists models.

    It remembers nothing but how often failures that pass were played.
    """

    def __init__(self, script: Script) -> None:
        """Play `script` for every user message."""
        self._script = script
        self._failed: Counter[tuple[str, str, int]] = Counter()

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Answer `request`; the same request gets the same bytes."""
        speech = SPEECHES.get(request.path)
        if speech is not None:
            return await self._said(request, speech)
        if request.path == COUNT_PATH and request.method == "POST":
            return _json(*token_count(self._script, request))
        if request.path in _MODEL_LISTS and request.method in ("GET", "HEAD"):
            return _json(200, _MODELS)
        message = f"{request.method} {request.path} is not part of the scripted upstream"
        return _json(404, {"error": {"message": message, "type": "invalid_request_error"}})

    async def _said(self, request: UpstreamRequest, speech: Speech) -> UpstreamResponse:
        document = request.document
        prompt, outputs = position(document.get("input", document.get("messages")))
        turn = due_turn(self._script, outputs)
        failure = self._due_failure(request, turn, prompt, outputs)
        if turn.delay_seconds:
            await asyncio.sleep(turn.delay_seconds)
        if failure is not None and failure.status is not None:
            return UpstreamResponse(
                failure.status, failure.headers, KnownBody((failure.content,)), own=True
            )
        said = answer(turn, request)
        if document.get("stream") is True:
            told = None if failure is None else speech.failed(said, failure)
            return _stream(turn, speech.events(said), failure, told)
        if failure is None:
            return _json(200, speech.whole(said))
        await stop(failure.ending)
        failed = speech.failed_whole(failure, said)
        if failed is None:
            raise UpstreamCutError
        return _json(200, failed)

    def _due_failure(
        self, request: UpstreamRequest, turn: Turn, prompt: str, outputs: int
    ) -> Failure | None:
        """Return what goes wrong this time, counted for each conversation."""
        failure = turn.failure
        if failure is None or not failure.times:
            return failure
        conversation = request.document.get("prompt_cache_key")
        key = (str(conversation), prompt, outputs)
        if len(self._failed) > _MOST_COUNTED:
            self._failed.clear()
        self._failed[key] += 1
        return failure if self._failed[key] <= failure.times else None


def _stream(
    turn: Turn, events: Iterable[bytes], failure: Failure | None, told: bytes | None
) -> UpstreamResponse:
    headers = {"Content-Type": "text/event-stream"}
    if failure is None and not turn.pause_seconds:
        return UpstreamResponse(200, headers, KnownBody(events))
    if failure is not None:
        events = failed_stream(failure, told, tuple(events))
    return UpstreamResponse(
        200, headers, _played(events, turn.pause_seconds, failure.ending if failure else None)
    )


async def _played(
    events: Iterable[bytes], pause: float, ending: Ending | None
) -> AsyncGenerator[bytes, None]:
    for number, event in enumerate(events):
        if number and pause:
            await asyncio.sleep(pause)
        yield event
    await stop(ending)


def _json(status: int, document: object) -> UpstreamResponse:
    body = json.dumps(document, separators=(",", ":")).encode()
    return UpstreamResponse(status, {"Content-Type": "application/json"}, KnownBody((body,)))
