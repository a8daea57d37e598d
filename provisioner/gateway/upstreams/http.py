"""A real AI service: requests go to its base URL, answers come back as they arrive."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDict

from provisioner.gateway.body import decoded
from provisioner.gateway.key_pool import KeyPool, retry_after_seconds
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.gateway.upstreams.http_direct import DirectWay
from provisioner.gateway.upstreams.http_proxied import ProxiedWay
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import (
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.redact import Secret

__all__ = ["HttpService", "HttpUpstream"]


class HttpService(Struct, frozen=True):
    """Where an upstream is and how it wants to be asked.

    `key_header` takes the provider's own key. `fails_over` says whether a key that is refused
    gives way to the next one. `proxy_login` is `user:password` for the proxy. Without
    `send_compressed`, bodies are decoded before they go on.
    """

    base_url: str
    key_header: str
    keys: KeyPool
    fails_over: bool
    proxy: str
    proxy_login: Secret | None
    send_compressed: bool
    connect_seconds: float
    idle_seconds: float
    answer_seconds: float


class HttpUpstream:
    """Sends requests to one service."""

    def __init__(self, service: HttpService, client: HttpClient) -> None:
        """Reach `service` through the connections of `client`."""
        self._service = service
        self._client = client
        self._way = _way(service, client)

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Send `request` with the user's credential or the provider's own."""
        headers, body = CIMultiDict(request.headers), request.body
        if not self._service.send_compressed and "Content-Encoding" in headers:
            body = decoded(body, headers.pop("Content-Encoding"))
        if request.credential is not None:
            key, header = request.credential.secret.reveal(), request.credential.header
            return await self._send(request, body, _with_key(headers, header, key))
        if not self._service.fails_over:
            key = next((key.secret.reveal() for key in self._service.keys.usable()), "")
            return await self._send(request, body, self._with_own_key(headers, key))
        return await self._send_with_any_key(request, body, headers)

    async def _send_with_any_key(
        self, request: UpstreamRequest, body: bytes, headers: CIMultiDict[str]
    ) -> UpstreamResponse:
        keys, tried = self._service.keys, 0
        try:
            for key in keys.usable():
                tried += 1
                own = self._with_own_key(headers.copy(), key.secret.reveal())
                answer = await self._send(request, body, own)
                pause = retry_after_seconds(answer.headers.get("Retry-After", ""))
                if not keys.refused(key, answer.status, pause):
                    return replace(answer, key_hint=key.secret.hint)
                await answer.body.aclose()
        finally:
            keys.tried(tried)
        return self._exhausted(*keys.exhausted())

    def _exhausted(self, limited: bool, seconds: int) -> UpstreamResponse:  # noqa: FBT001 - from exhausted()
        if limited:
            return _own(
                429,
                "rate_limit_error",
                "rate_limit_exceeded",
                "all keys of the provider are rate limited",
                {"Retry-After": str(seconds)},
            )
        return _own(502, "api_error", "server_error", "the provider refused all of its keys", {})

    def _with_own_key(self, headers: CIMultiDict[str], key: str) -> CIMultiDict[str]:
        return _with_key(headers, self._service.key_header, key)

    async def _send(
        self, request: UpstreamRequest, body: bytes, headers: CIMultiDict[str]
    ) -> UpstreamResponse:
        # An answer in one piece may take long before its first byte, a stream may not be silent.
        seconds = None if request.streams else self._service.answer_seconds
        return await self._way.ask(request, headers, body, seconds)


def _way(service: HttpService, client: HttpClient) -> DirectWay | ProxiedWay:
    base, connect, idle = service.base_url, service.connect_seconds, service.idle_seconds
    if not service.proxy:
        return DirectWay(base, client.pool, connect, idle)
    login = service.proxy_login
    return ProxiedWay(base, service.proxy, login, client, connect=connect, idle=idle)


def _with_key(headers: CIMultiDict[str], name: str, key: str) -> CIMultiDict[str]:
    headers[name] = f"Bearer {key}" if name == "Authorization" else key
    return headers


def _own(
    status: int, kind: str, code: str, message: str, headers: Mapping[str, str]
) -> UpstreamResponse:
    error = {"message": message, "type": kind, "param": None, "code": code}
    body = json.dumps({"error": error}, separators=(",", ":")).encode()
    told = {"Content-Type": "application/json", **headers}
    return UpstreamResponse(status, told, KnownBody((body,)), own=True)
