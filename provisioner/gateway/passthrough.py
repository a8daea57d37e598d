"""Requests that are sent on and answered without being read or recorded."""

from __future__ import annotations

import re
import uuid
from contextlib import aclosing
from datetime import UTC, datetime
from urllib.parse import quote, unquote, unquote_to_bytes

from aiohttp import web
from msgspec.structs import replace
from multidict import CIMultiDict

from provisioner.gateway.call import Call, call_body, plain_body, upstream_request
from provisioner.gateway.dump import PASSTHROUGH, AnswerDump, ExchangeDump
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.relay import cut
from provisioner.gateway.upstreams.protocol import (
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.gateway.wire import WireError

__all__ = ["as_written", "pass_through"]

_NAME = "aibridge"
_WORK = "/responses/"
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_LENGTH_OF_AN_ESCAPE = 3
# Those between two hops, those of an encoding that has been undone on the way, and cookies, which
# a browser would take for the gateway's own.
_NOT_PASSED = (
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Set-Cookie",
    "Te",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)


async def pass_through(call: Call) -> web.StreamResponse:
    """Send `call` on and its answer back as it arrives, with its headers."""
    _refuse_uncounted(call)
    body = await call_body(call)
    request = _named(call, upstream_request(call, _raw_path(call), body, {}, streams=True))
    dump = await _dumped(call, body)
    try:
        answer = await call.route.named.upstream.open(request)
    except UpstreamError as error:
        if dump is not None:
            await dump.error(str(error))
        raise call.dialect.upstream_proxy_error() from error
    async with aclosing(answer.body):
        answer_dump = AnswerDump(None) if dump is None else await dump.answer(answer)
        try:
            return await _passed(call, answer, answer_dump)
        finally:
            answer_dump.close()


def _refuse_uncounted(call: Call) -> None:
    """Raise `WireError` for a model's work that nobody would count, such as a compaction."""
    is_work = call.request.method == "POST" and _WORK in call.route.path
    if is_work and call.services.policy.counts_all and call.credential is None:
        message = "ACCESS_DENIED: access denied: what is asked at this path cannot be counted"
        raise call.dialect.denied(Denial(Reason.ACCESS_DENIED, message))


async def _passed(call: Call, answer: UpstreamResponse, dump: AnswerDump) -> web.StreamResponse:
    headers = CIMultiDict(answer.headers)
    for name in _NOT_PASSED:
        headers.popall(name, None)
    response = web.StreamResponse(status=answer.status, headers=headers)
    chunks = aiter(answer.body)
    try:
        # Until the first byte is here there can still be another answer.
        first = await anext(chunks, b"")
    except UpstreamError as error:
        raise call.dialect.upstream_proxy_error() from error
    await response.prepare(call.request)
    try:
        await response.write(first)
        dump.feed(first)
        async for chunk in chunks:
            await response.write(chunk)
            dump.feed(chunk)
    except UpstreamError:
        cut(call.request)
    return response


async def _dumped(call: Call, body: bytes) -> ExchangeDump | None:
    if call.services.dump is None:
        return None
    provider = call.route.named.name
    number = str(uuid.uuid4())
    dump = call.services.dump.exchange(provider, PASSTHROUGH, datetime.now(UTC), number)
    try:
        plain = plain_body(call, body)
    except WireError:
        # It is not for this gateway to judge.
        plain = body
    await dump.request(call.request, plain)
    return dump


def _named(call: Call, handed: UpstreamRequest) -> UpstreamRequest:
    """Return `handed` with what a proxy says of itself and of its client."""
    request = call.request
    headers = CIMultiDict(handed.headers)
    headers["X-Forwarded-For"] = request.remote or "unknown"
    headers["X-Forwarded-Host"] = request.headers.get("Host", "")
    headers["X-Forwarded-Proto"] = request.scheme
    headers.setdefault("User-Agent", _NAME)
    return replace(handed, headers=headers)


def as_written(raw: str, judged: str) -> str:
    """Return the end of the path `raw` that means `judged`, with the escapes the client used.

    What goes on with a key must be what was allowed, so its meaning decides and not its place: a
    path may hold the same words twice, or write them with escapes.
    """
    # A long path must not be decoded once for each of its slashes.
    surplus = len(unquote_to_bytes(raw)) - len(judged.encode(errors="surrogateescape"))
    place = 0
    for _ in range(surplus):
        place += _LENGTH_OF_AN_ESCAPE if _ESCAPE.match(raw, place) else 1
    tail = raw[place:] if surplus >= 0 else ""
    return tail if tail.startswith("/") and unquote(tail) == judged else quote(judged)


def _raw_path(call: Call) -> str:
    return as_written(call.request.rel_url.raw_path, call.route.path)
