"""One authenticated request: read, recorded, sent on, relayed back, its end recorded."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from provisioner.gateway import interception
from provisioner.gateway.actor import Actor
from provisioner.gateway.body import BodyTooLargeError, UnreadableBodyError, decoded, read_body
from provisioner.gateway.dialects.headers import forwarded
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.dump import RequestDump
from provisioner.gateway.interception import Ending
from provisioner.gateway.providers import Route
from provisioner.gateway.record.model import InterceptionStart, Outcome
from provisioner.gateway.record.queue import RecordQueue
from provisioner.gateway.relay import cut, event_response, read_all, relay
from provisioner.gateway.responses_api import RequestFacts, ResponseReader, request_facts
from provisioner.gateway.upstreams.protocol import (
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.gateway.wire import WireError

__all__ = ["Call", "bridge", "pass_through"]

_RECORD_SECONDS = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request on a known route; `path` is stripped."""

    request: web.Request
    path: str
    route: Route
    actor: Actor
    dialect: Dialect


async def pass_through(call: Call) -> web.StreamResponse:
    """Send `call` on and its answer back, without a record."""
    body = await _body(call)
    try:
        answer = await call.route.provider.upstream.open(_upstream_request(call, body, {}))
        async with aclosing(answer.body):
            return _whole(answer, await read_all(answer.body))
    except UpstreamError as error:
        raise call.dialect.upstream_proxy_error() from error


async def bridge(call: Call, records: RecordQueue, dump: RequestDump | None) -> web.StreamResponse:
    """Send `call` on and its answer back, and record both; `dump` keeps the request itself.

    Raises `WireError` while nothing was sent. Once the answer has begun, a failure cuts the
    connection: that is the only way left to tell the client that it has not got everything.
    """
    body = await _body(call)
    document = _document(call, body)
    facts = request_facts(document)
    start = await _recorded_start(call, facts, records)
    if dump is not None:
        await _dumped(dump, start, call.request, body)
    exchange = _Exchange(call, facts)
    try:
        return await exchange.run(_upstream_request(call, body, document))
    finally:
        answer_facts = exchange.reader.facts()
        end = interception.end(start.id, exchange.ending, facts.prompt, answer_facts)
        await records.put_surely(end)


@dataclass(slots=True)
class _Exchange:
    """The part of a bridged request between its two records."""

    call: Call
    facts: RequestFacts
    ending: Ending = field(default_factory=Ending)
    reader: ResponseReader = field(default_factory=ResponseReader)

    async def run(self, request: UpstreamRequest) -> web.StreamResponse:
        try:
            return await self._run(request)
        except asyncio.CancelledError:
            self.ending.outcome = Outcome.CANCELLED
            raise
        except WireError as error:
            self.ending.status = error.answer.status
            raise
        except Exception as error:
            self.ending.error = type(error).__name__
            raise

    async def _run(self, request: UpstreamRequest) -> web.StreamResponse:
        dialect = self.call.dialect
        if self.facts.background:
            self.ending.error = "background requests are not supported"
            raise dialect.background_refused()
        try:
            answer = await self.call.route.provider.upstream.open(request)
            async with aclosing(answer.body):
                if answer.status == 200 and self.facts.stream:
                    return await self._stream(answer)
                return await self._block(answer)
        except UpstreamError as error:
            self.ending.error = "upstream did not answer"
            raise dialect.upstream_unreachable(str(error)) from error

    async def _block(self, answer: UpstreamResponse) -> web.StreamResponse:
        body = await read_all(answer.body)
        self.ending.status = answer.status
        if answer.status == 200:
            self.reader.read(body)
            self._judge()
        else:
            self.ending.error = f"upstream status {answer.status}"
        return _whole(answer, body)

    async def _stream(self, answer: UpstreamResponse) -> web.StreamResponse:
        response = event_response()
        try:
            await response.prepare(self.call.request)
            self.ending.status = 200
            await relay(answer.body, response, self.reader.feed)
            self._judge()
        except ConnectionResetError:
            self.ending.outcome = Outcome.CANCELLED
        except UpstreamError:
            self.ending.error = "upstream broke off"
            cut(self.call.request)
        except Exception:
            cut(self.call.request)
            raise
        return response

    def _judge(self) -> None:
        self.ending.error = self.reader.facts().error
        self.ending.outcome = Outcome.FAILED if self.ending.error else Outcome.COMPLETED


async def _body(call: Call) -> bytes:
    try:
        return await read_body(call.request)
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except UnreadableBodyError as error:
        raise call.dialect.unreadable_body(call.path) from error


def _document(call: Call, body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that `body` holds."""
    try:
        plain = decoded(body, call.request.headers.get("Content-Encoding", ""))
        document = json.loads(plain)
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except (UnreadableBodyError, ValueError, RecursionError) as error:
        raise call.dialect.unreadable_body(call.path) from error
    if not isinstance(document, dict):
        raise call.dialect.unreadable_body(call.path)
    return document


async def _recorded_start(
    call: Call, facts: RequestFacts, records: RecordQueue
) -> InterceptionStart:
    """Hand the record of the start over; a request that cannot be recorded is not served."""
    headers = call.request.headers
    start = interception.start(
        actor=call.actor,
        provider=call.route.provider.name,
        provider_type=call.route.provider.type,
        facts=facts,
        headers=headers,
        credential=call.dialect.personal_credential(headers),
    )
    try:
        async with asyncio.timeout(_RECORD_SECONDS):
            await records.put(start)
    except TimeoutError as error:
        raise call.dialect.not_recorded() from error
    return start


async def _dumped(
    dump: RequestDump, start: InterceptionStart, request: web.Request, body: bytes
) -> None:
    """Keep the request; a full disk must not stop it."""
    try:
        plain = decoded(body, request.headers.get("Content-Encoding", ""))
        await dump.write(start, request, plain)
    except OSError as error:
        _log.error("request not dumped: %s", error.strerror)


def _upstream_request(call: Call, body: bytes, document: Mapping[str, Any]) -> UpstreamRequest:
    """Return what the upstream of `call` is handed: the gateway's own token is not in it."""
    request = call.request
    return UpstreamRequest(
        method=request.method,
        path=call.route.path,
        query=request.rel_url.raw_query_string,
        headers=forwarded(request.headers),
        credential=call.dialect.personal_credential(request.headers),
        body=body,
        document=document,
    )


def _whole(answer: UpstreamResponse, body: bytes) -> web.StreamResponse:
    """Return an answer that is sent at once; of the upstream's headers only the type passes."""
    content_type = answer.headers.get("Content-Type", "application/octet-stream")
    return web.Response(status=answer.status, body=body, headers={"Content-Type": content_type})
