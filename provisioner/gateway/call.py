"""An authenticated request on a known route, its body, and what the upstream is handed of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from provisioner.gateway.actor import Actor
from provisioner.gateway.body import BodyTooLargeError, UnreadableBodyError, decoded, read_body
from provisioner.gateway.circuit import Circuits
from provisioner.gateway.deployment_config import RelayConfig
from provisioner.gateway.dialects.headers import forwarded
from provisioner.gateway.dialects.protocol import Dialect
from provisioner.gateway.dump import Dump
from provisioner.gateway.providers import Route
from provisioner.gateway.record.queue import RecordQueue
from provisioner.gateway.upstreams.protocol import Credential, UpstreamRequest

__all__ = ["Call", "Services", "body_document", "call_body", "upstream_request"]

_ACTOR_ID = "X-AI-Bridge-Actor-ID"
_ACTOR_NAME = "X-AI-Bridge-Actor-Metadata-Username"


@dataclass(frozen=True, slots=True)
class Services:
    """What serving a request needs, the same for all of a gateway's requests."""

    dialect: Dialect
    records: RecordQueue
    circuits: Circuits
    relay: RelayConfig
    dump: Dump | None
    send_actor_headers: bool


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request on a known route; `path` is stripped."""

    request: web.BaseRequest
    path: str
    route: Route
    actor: Actor
    services: Services

    @property
    def dialect(self) -> Dialect:
        """How to speak to the client."""
        return self.services.dialect

    @property
    def credential(self) -> Credential | None:
        """The user's own credential, None when the provider's has to do."""
        return self.dialect.personal_credential(
            self.request.headers, self.route.provider.kind.credential_headers
        )


async def call_body(call: Call) -> bytes:
    """Return the body as the client sent it."""
    try:
        async with asyncio.timeout(call.services.relay.request_seconds):
            return await read_body(call.request)
    except TimeoutError as error:
        raise call.dialect.body_too_slow() from error
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except UnreadableBodyError as error:
        raise call.dialect.unreadable_body(call.path) from error


def body_document(call: Call, body: bytes) -> tuple[bytes, Mapping[str, Any]]:
    """Return the decoded `body` and the JSON object that it holds."""
    try:
        plain = decoded(body, call.request.headers.get("Content-Encoding", ""))
        document = _json(plain)
    except BodyTooLargeError as error:
        raise call.dialect.body_too_large() from error
    except (UnreadableBodyError, ValueError, RecursionError) as error:
        raise call.dialect.unreadable_body(call.path) from error
    if not isinstance(document, dict):
        raise call.dialect.unreadable_body(call.path)
    return plain, document


def _json(plain: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return msgspec.json.decode(plain)
    except msgspec.DecodeError:
        # Half a surrogate pair and other things that JSON in the wild has.
        return json.loads(plain)


def upstream_request(
    call: Call, path: str, body: bytes, document: Mapping[str, Any]
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
    )
    if not call.services.send_actor_headers:
        return handed
    headers = CIMultiDict(handed.headers)
    headers[_ACTOR_ID] = headers[_ACTOR_NAME] = call.actor.user
    return replace(handed, headers=headers)
