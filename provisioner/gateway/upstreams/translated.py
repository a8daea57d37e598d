"""An upstream with another API: Responses requests go on as its own, and its answers come back."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

from msgspec.structs import replace

from provisioner.gateway.json_parts import as_object
from provisioner.gateway.relay import read_all
from provisioner.gateway.translate.answer_events import AnswerEvents
from provisioner.gateway.translate.conversation import Asked
from provisioner.gateway.translate.dropped import TRANSLATION_LOGGER
from provisioner.gateway.translate.leave_out import leave_out
from provisioner.gateway.translate.protocol import Api, Limits
from provisioner.gateway.translate.request_reader import UntranslatableError, read_request
from provisioner.gateway.translate.trouble import Cause, Trouble
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import (
    Credential,
    Upstream,
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.gateway.upstreams.translated_body import TranslatedBody

__all__ = ["DROPPED_HEADER", "TranslatedUpstream", "Translation"]

DROPPED_HEADER = "X-Gateway-Dropped"
"""Tells the client what of its request did not go on."""
_log = logging.getLogger(TRANSLATION_LOGGER)
# Of the client's headers only those that the gateway itself added are for the service.
_KEPT_PREFIX = "x-ai-bridge-actor-"
_JSON = {"Content-Type": "application/json"}
_STREAM = {"Content-Type": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Translation:
    """Into which API, and what the configuration says of it.

    `models` maps names that clients use to the service's own; `leave_out` are paths into the
    body, joined by dots, of what the service refuses.
    """

    provider: str
    api: Api
    models: Mapping[str, str]
    leave_out: tuple[str, ...]
    limits: Limits


class TranslatedUpstream:
    """Answers `POST /responses` through a service that has another API."""

    def __init__(self, translation: Translation, service: Upstream) -> None:
        """Send translated requests through `service`, which knows keys and connections."""
        self._translation = translation
        self._service = service

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Answer `request`; a stream begins as soon as the service's own does."""
        if request.method == "POST" and request.path == "/responses":
            return await self._responses(request)
        return self._other(request)

    async def _responses(self, request: UpstreamRequest) -> UpstreamResponse:
        translation = self._translation
        try:
            asked = read_request(request.document, translation.api.name, translation.models)
        except UntranslatableError as error:
            return _refused(Trouble(Cause.INVALID, str(error)), {})
        sent = self._written(request, asked)
        headers = self._told(asked)
        answer = await self._service.open(sent)
        if answer.own:
            return answer
        headers |= _number(answer.headers)
        events = AnswerEvents(translation.api.name, asked.model, asked.tools)
        if answer.status != 200:
            trouble = await self._trouble(answer)
            if not (request.streams and trouble.is_told_in_stream):
                return _refused(trouble, headers)
            events.fail(trouble)
            told = KnownBody((events.take(),))
            return UpstreamResponse(200, {**_STREAM, **headers}, told, own=True)
        body = await self._body(answer, events)
        if request.streams:
            whole = UpstreamResponse(200, {**_STREAM, **headers}, body, own=True)
        else:
            whole = await _whole(body, events, headers)
        return replace(whole, key_hint=answer.key_hint)

    def _written(self, request: UpstreamRequest, asked: Asked) -> UpstreamRequest:
        api = self._translation.api
        written = api.write(asked, self._translation.limits)
        leave_out(written.body, self._translation.leave_out, asked.dropped)
        credential = request.credential
        if credential is not None:
            credential = Credential(credential.secret, api.key_header)
        return UpstreamRequest(
            method="POST",
            path=written.path,
            query=written.query,
            headers={
                **_JSON,
                "Accept": "text/event-stream",
                **(written.headers or {}),
                **_kept(request.headers),
            },
            credential=credential,
            body=json.dumps(written.body, separators=(",", ":")).encode(),
            streams=True,
        )

    def _told(self, asked: Asked) -> dict[str, str]:
        """Tell what was dropped, in the log and in the headers that are returned."""
        names = asked.dropped.names()
        if not names:
            return {}
        if _log.isEnabledFor(logging.INFO):
            line = {"provider": self._translation.provider, "model": asked.model, "dropped": names}
            _log.info(json.dumps({"msg": "dropped in translation", **line}))
        return {DROPPED_HEADER: ", ".join(names)}

    async def _trouble(self, answer: UpstreamResponse) -> Trouble:
        async with aclosing(answer.body):
            body = await read_all(answer.body)
        text = body.decode(errors="replace")
        trouble = self._translation.api.trouble(answer.status, as_object(body), text)
        return trouble.later(answer.headers.get("Retry-After", ""))

    async def _body(self, answer: UpstreamResponse, events: AnswerEvents) -> TranslatedBody:
        reader = self._translation.api.reader(events)
        if "json" not in answer.headers.get("Content-Type", ""):
            return TranslatedBody(answer.body, reader, events)
        async with aclosing(answer.body):
            document = as_object(await read_all(answer.body))
        if document:
            reader.whole(document)
        return TranslatedBody(KnownBody(()), reader, events)

    def _other(self, request: UpstreamRequest) -> UpstreamResponse:
        """Answer what is no question to a model."""
        if request.path == "/models" and request.method in ("GET", "HEAD"):
            # `models` is what Codex reads, `object` and `data` what OpenAI's own clients read.
            named = [
                {
                    "id": name,
                    "object": "model",
                    "created": 0,
                    "owned_by": self._translation.provider,
                }
                for name in self._translation.models
            ]
            body = json.dumps({"models": [], "object": "list", "data": named}).encode()
            return UpstreamResponse(200, _JSON, KnownBody((body,)), own=True)
        message = f"the upstream of this provider answers POST /responses, not {request.method} "
        return _refused(Trouble(Cause.NOT_FOUND, message + request.path), {})


def _refused(trouble: Trouble, headers: Mapping[str, str]) -> UpstreamResponse:
    later = {"Retry-After": trouble.retry_after} if trouble.retry_after else {}
    told = {**_JSON, **headers, **later}
    return UpstreamResponse(trouble.cause.status, told, KnownBody((trouble.envelope(),)), own=True)


async def _whole(
    body: TranslatedBody, events: AnswerEvents, headers: Mapping[str, str]
) -> UpstreamResponse:
    """Return the answer in one piece."""
    async with aclosing(body):
        try:
            async for _ in body:
                pass
        except UpstreamError as error:
            return _refused(Trouble(Cause.BROKEN, str(error)), headers)
    if events.trouble is not None:
        return _refused(events.trouble, headers)
    whole = json.dumps(events.response, separators=(",", ":")).encode()
    return UpstreamResponse(200, {**_JSON, **headers}, KnownBody((whole,)), own=True)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {n: value for n, value in headers.items() if n.lower().startswith(_KEPT_PREFIX)}


def _number(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the service's number of the request, which Codex shows with errors."""
    number = headers.get("x-request-id") or headers.get("request-id") or ""
    return {"X-Request-Id": number} if number else {}
