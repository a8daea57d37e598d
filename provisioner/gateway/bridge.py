"""One authenticated request on a bridged route: read, recorded, exchanged, its end recorded."""

from __future__ import annotations

import asyncio

from aiohttp import web

from provisioner.gateway import interception
from provisioner.gateway.call import Call, body_outline, call_body, upstream_request
from provisioner.gateway.exchange import Exchange
from provisioner.gateway.record.model import InterceptionStart
from provisioner.gateway.request_body import Document
from provisioner.gateway.responses_api import RequestFacts
from provisioner.gateway.wire_format import WireFormat

__all__ = ["bridge"]

_RECORD_SECONDS = 5.0


async def bridge(call: Call, wire: WireFormat) -> web.StreamResponse:
    """Send `call` on and its answer back, and record both.

    Raises `WireError` while nothing was sent.
    """
    exchange, start = await _prepared(call, wire)
    try:
        return await exchange.run()
    finally:
        answer_facts = exchange.reader.facts()
        end = interception.end(start.id, exchange.ending, exchange.facts.prompt, answer_facts)
        await call.services.records.put_surely(end)


async def _prepared(call: Call, wire: WireFormat) -> tuple[Exchange, InterceptionStart]:
    """Read `call` and record that it starts; of its body only the exchange keeps anything."""
    body = await call_body(call)
    plain, said = body_outline(call, body)
    facts = wire.request_facts(said)
    request = upstream_request(call, call.route.path, body, Document(plain), streams=facts.stream)
    if request.credential is None and not call.route.provider.has_key:
        call.dialect.no_credential(call.path)
    start = await _recorded_start(call, facts)
    dump = None
    if call.services.dump is not None:
        dump = call.services.dump.exchange(start.provider, start.model, start.started_at, start.id)
        await dump.request(call.request, plain)
    return Exchange(call, wire, facts, dump, wire.reader(), request), start


async def _recorded_start(call: Call, facts: RequestFacts) -> InterceptionStart:
    """Hand the record of the start over; a request that cannot be recorded is not served."""
    call.dialect.recordable()
    credential = call.credential
    start = interception.start(
        actor=call.actor,
        provider=call.route.provider.name,
        provider_type=call.route.provider.type,
        facts=facts,
        headers=call.request.headers,
        credential=credential.secret if credential else None,
    )
    records = call.services.records
    if records.put_now(start):
        return start
    try:
        async with asyncio.timeout(_RECORD_SECONDS):
            await records.put(start)
    except TimeoutError as error:
        raise call.dialect.not_recorded() from error
    return start
