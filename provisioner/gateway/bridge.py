"""One authenticated request on a bridged route: judged, recorded, exchanged, its end recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from provisioner.gateway import interception
from provisioner.gateway.asking import Asking
from provisioner.gateway.beginning import Beginning
from provisioner.gateway.call import Call, body_outline, call_body, upstream_request
from provisioner.gateway.chat_usage import asking_for_usage
from provisioner.gateway.exchange import Exchange
from provisioner.gateway.interception import Ending
from provisioner.gateway.policy.denial import DeniedError
from provisioner.gateway.policy.judged import Asked, Judged
from provisioner.gateway.policy.spending import size_as_text
from provisioner.gateway.request_body import Document
from provisioner.gateway.responses_api import RequestFacts, ResponseFacts
from provisioner.gateway.upstreams.protocol import UpstreamRequest
from provisioner.gateway.wire_format import CHAT, WireFormat

__all__ = ["bridge"]

_RECORD_SECONDS = 5.0


async def bridge(call: Call, wire: WireFormat) -> web.StreamResponse:
    """Send `call` on and its answer back, and record both.

    Raises `WireError` while nothing was sent.
    """
    exchange, begun = await _prepared(call, wire)
    try:
        return await exchange.run()
    finally:
        judged, at = exchange.asking.judged, datetime.now(UTC)
        if judged.held or judged.steps is not None:
            # The next request is judged by what this one cost.
            _record_end(call, exchange, begun, at)
        else:
            call.services.afterwards.add(lambda: _record_end(call, exchange, begun, at))


class _Read(Struct, frozen=True):
    """A request whose body was read: what it says, in outline too, and what would be sent on."""

    facts: RequestFacts
    said: Mapping[str, Any]
    plain: bytes
    request: UpstreamRequest


async def _prepared(call: Call, wire: WireFormat) -> tuple[Exchange, Beginning]:
    """Read and judge `call` and record that it starts.

    Of its body only the exchange keeps anything once the record is made.
    """
    read = await _read(call, wire)
    call.dialect.recordable()
    begun = Beginning(call, read.facts, read.said, read.request.credential)
    judged = begun.judged = call.notes.judged = await _judged(call, read, begun)
    try:
        hides_usage = wire is CHAT and read.facts.stream and _asks_for_usage(read, judged)
        dump = None
        if call.services.dump is not None:
            start = begun.record()
            names = start.provider, start.model
            dump = call.services.dump.exchange(*names, start.started_at, start.id)
            await dump.request(call.request, read.plain)
        # Nothing may be waited for behind this: a client that leaves then would leave it running.
        await _recorded_start(call, begun)
    except BaseException:
        call.services.policy.settle(judged, None)
        raise
    asking = Asking(call, judged, dump, read.request)
    exchange = Exchange(
        call, wire, read.facts, dump, wire.reader(), asking, hides_usage=hides_usage
    )
    return exchange, begun


def _asks_for_usage(read: _Read, judged: Judged) -> bool:
    """Have the upstream tell what a chat stream costs that counts; say if the client had not."""
    if not judged.held:
        return False
    document = read.request.document if judged.document is None else judged.document
    changed = asking_for_usage(document)
    judged.document = judged.document if changed is None else changed
    return changed is not None


async def _read(call: Call, wire: WireFormat) -> _Read:
    body = await call_body(call)
    plain, said = body_outline(call, body)
    facts = wire.request_facts(said)
    request = upstream_request(call, call.route.path, body, Document(plain), streams=facts.stream)
    provider = call.route.provider
    if provider is not None and not provider.has_key and request.credential is None:
        if provider.kind.is_personal:
            raise call.dialect.unreadable_body(call.path)
        call.dialect.no_credential(call.path)
    return _Read(facts, said, plain, request)


async def _judged(call: Call, read: _Read, begun: Beginning) -> Judged:
    """Ask policy; a request that it refuses is recorded with the reason."""
    policy = call.services.policy
    asked = Asked(
        id=begun.id,
        api=call.route.path.rpartition("/v1/")[2].strip("/"),
        actor=call.actor,
        model=read.facts.model,
        document=read.request.document,
        size=size_as_text(read.plain) if policy.counts_all else len(read.plain),
        headers=call.request.headers,
        provider=call.route.provider,
        at=begun.at,
        is_personal=begun.credential is not None,
    )
    try:
        return await policy.judge(asked)
    except RecursionError as error:
        # The outline of a body can be read although the rest is nested too deep.
        raise call.dialect.unreadable_body(call.path) from error
    except DeniedError as error:
        answer = call.dialect.denied(error.denial)
        begun.auth_mode = error.denial.meta.get("auth_mode", "")
        await _recorded_start(call, begun)
        ending = Ending(status=answer.answer.status, error=f"denied: {error.denial.reason.value}")
        end = interception.end(begun.id, datetime.now(UTC), ending, None, ResponseFacts())
        call.services.records.put_surely(end)
        raise answer from error


async def _recorded_start(call: Call, begun: Beginning) -> None:
    """Hand the record of the start over; a request that cannot be recorded is not served."""
    records = call.services.records
    if records.put_later(begun.record, begun.weight):
        return
    try:
        async with asyncio.timeout(_RECORD_SECONDS):
            await records.put(begun.record())
    except TimeoutError as error:
        raise call.dialect.not_recorded() from error


def _record_end(call: Call, exchange: Exchange, begun: Beginning, at: datetime) -> None:
    facts, ending, notes = exchange.reader.facts(), exchange.ending, call.notes
    end = interception.end(begun.id, at, ending, exchange.facts.prompt, facts)
    answered = notes.answered
    call.services.policy.settle(
        exchange.asking.judged,
        answered,
        end.token_usage,
        is_answer=exchange.is_answer,
        is_whole=exchange.reader.ended,
    )
    start = begun.record()
    hint = start.credential_hint if begun.credential else exchange.asking.key_hint
    if answered is not None and (notes.failed or hint != start.credential_hint):
        name, model = answered.provider.name, answered.model
        end = replace(end, provider=name, model=model, credential_hint=hint)
    call.services.records.put_surely(end)
