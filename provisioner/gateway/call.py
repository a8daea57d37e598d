"""An authenticated request on a known route, its body, and what the upstream is handed of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDict

from provisioner.gateway.actor import Actor
from provisioner.gateway.afterwards import Afterwards
from provisioner.gateway.agent_firewall import AgentFirewall
from provisioner.gateway.body import (
    BODY_LIMIT,
    BodyTooLargeError,
    UnreadableBodyError,
    decoded,
    read_body,
)
from provisioner.gateway.circuit import Breakers
from provisioner.gateway.deployment_config import RelayConfig
from provisioner.gateway.dialects.headers import forwarded
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.dump import Dump
from provisioner.gateway.farewell import Farewell
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.engine import PolicyEngine
from provisioner.gateway.providers import Route
from provisioner.gateway.record.queue import RecordQueue
from provisioner.gateway.relay import event_response
from provisioner.gateway.request_body import outline
from provisioner.gateway.upstreams.protocol import (
    Credential,
    UpstreamRequest,
    UpstreamResponse,
)

__all__ = [
    "Brought",
    "Call",
    "Services",
    "body_outline",
    "call_body",
    "plain_body",
    "upstream_request",
]

_ACTOR_ID = "X-AI-Bridge-Actor-ID"
_ACTOR_NAME = "X-AI-Bridge-Actor-Metadata-Username"


class Services(Struct, frozen=True):
    """What serving a request needs, the same for all of a gateway's requests."""

    dialect: Dialect
    records: RecordQueue
    circuits: Breakers
    relay: RelayConfig
    dump: Dump | None
    send_actor_headers: bool
    policy: PolicyEngine
    farewell: Farewell
    afterwards: Afterwards
    body_limit: int = BODY_LIMIT


class Brought(Struct, frozen=True):
    """A body that came in another way than with its request, and what takes the stream back."""

    body: bytes
    response: Callable[[UpstreamResponse], web.StreamResponse]


class Call(Struct, frozen=True):
    """An authenticated request on a known route; `path` is stripped."""

    request: web.BaseRequest
    path: str
    route: Route
    actor: Actor
    services: Services
    notes: Notes
    brought: Brought | None = None
    firewall: AgentFirewall | None = None

    @property
    def dialect(self) -> Dialect:
        """How to speak to the client."""
        return self.services.dialect

    @property
    def credential(self) -> Credential | None:
        """The user's own credential, None when the provider's has to do."""
        provider = self.route.provider
        places = () if provider is None else provider.kind.credential_headers
        return self.dialect.personal_credential(self.request.headers, places)

    def stream(self, answer: UpstreamResponse) -> web.StreamResponse:
        """Return what sends an event stream to the client."""
        return event_response(answer) if self.brought is None else self.brought.response(answer)


async def call_body(call: Call) -> bytes:
    """Return the body as the client sent it."""
    limit = call.services.body_limit
    if call.brought is not None:
        if len(call.brought.body) > limit:
            raise call.dialect.body_too_large()
        return call.brought.body
    try:
        if call.request.content.is_eof():
            # Nothing to wait for: most bodies arrive with their heads.
            return await read_body(call.request, limit)
        async with asyncio.timeout(call.services.relay.request_seconds):
            return await read_body(call.request, limit)
    except TimeoutError as error:
        raise call.dialect.body_too_slow() from error
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except UnreadableBodyError as error:
        raise call.dialect.unreadable_body(call.path) from error


def body_outline(call: Call, body: bytes) -> tuple[bytes, Mapping[str, Any]]:
    """Return the decoded `body` and what the JSON object in it says of itself."""
    plain = plain_body(call, body)
    try:
        return plain, outline(plain)
    except (ValueError, RecursionError) as error:
        raise call.dialect.unreadable_body(call.path) from error


def plain_body(call: Call, body: bytes) -> bytes:
    """Return `body` without its content encoding."""
    try:
        encoding = call.request.headers.get("Content-Encoding", "")
        return decoded(body, encoding, call.services.body_limit)
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except UnreadableBodyError as error:
        raise call.dialect.unreadable_body(call.path) from error


def upstream_request(
    call: Call, path: str, body: bytes, document: Mapping[str, Any], *, streams: bool
) -> UpstreamRequest:
    """Return what the upstream of `call` is handed: the gateway's own token is not in it."""
    request = call.request
    handed = UpstreamRequest(
        method=request.method,
        path=path,
        query=request.rel_url.raw_query_string,
        headers=forwarded(request.headers),
        credential=call.credential,
        body=body,
        document=document,
        streams=streams,
    )
    if not call.services.send_actor_headers:
        return handed
    headers = CIMultiDict(handed.headers)
    headers[_ACTOR_ID] = call.actor.id or call.actor.user
    headers[_ACTOR_NAME] = call.actor.user
    return replace(handed, headers=headers)
