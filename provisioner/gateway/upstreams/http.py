"""A real AI service: requests go to its base URL, answers come back as they arrive."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from provisioner.gateway.body import decoded
from provisioner.gateway.key_pool import KeyPool, retry_after_seconds
from provisioner.gateway.upstreams.http_body import HttpBody
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.gateway.upstreams.http_trouble import reason, unusable
from provisioner.gateway.upstreams.known_body import KnownBody
from provisioner.gateway.upstreams.protocol import (
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTimeoutError,
)
from provisioner.redact import Secret

__all__ = ["HttpService", "HttpUpstream"]

_LONG_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpService:
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
        login = service.proxy_login.reveal() if service.proxy_login else ""
        basic = base64.b64encode(login.encode()).decode()
        self._told_to_proxy = {"Proxy-Authorization": f"Basic {basic}"} if login else {}
        # An answer in one piece may take long before its first byte, a stream may not be silent.
        self._streaming = self._timeout(total=None, idle=service.idle_seconds)
        self._blocking = self._timeout(total=service.answer_seconds, idle=service.answer_seconds)

    def _timeout(self, *, total: float | None, idle: float) -> aiohttp.ClientTimeout:
        connect = self._service.connect_seconds
        # `connect` is all of it: the name, the proxy and TLS too.
        return aiohttp.ClientTimeout(
            total=total, connect=connect, sock_connect=connect, sock_read=idle
        )

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
        service = self._service
        query = f"?{request.query}" if request.query else ""
        url = URL(f"{service.base_url}{request.path}{query}", encoded=True)
        told_to_proxy = self._told_to_proxy
        if told_to_proxy and url.scheme == "http":
            # There is no tunnel: what the proxy gets is the request itself.
            headers.update(told_to_proxy)
        try:
            response = await self._client.session().request(
                request.method,
                url,
                data=_sendable(body),
                headers=headers,
                allow_redirects=False,
                proxy=service.proxy or None,
                proxy_headers=told_to_proxy or None,
                timeout=self._streaming if request.streams else self._blocking,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            slow = isinstance(error, TimeoutError)
            kind = UpstreamTimeoutError if slow else UpstreamError
            raise kind(reason(error, url, service.proxy)) from error
        if unusable(response):
            response.close()
            raise UpstreamError(f"no usable answer from {url.host}:{url.port}")
        answered = HttpBody(response)
        return UpstreamResponse(response.status, response.headers, answered, progress=answered)


def _with_key(headers: CIMultiDict[str], name: str, key: str) -> CIMultiDict[str]:
    headers[name] = f"Bearer {key}" if name == "Authorization" else key
    return headers


def _sendable(body: bytes) -> bytes | io.BytesIO | None:
    # A long one goes bit by bit, so that others have their turn.
    return io.BytesIO(body) if len(body) > _LONG_BODY else body or None


def _own(
    status: int, kind: str, code: str, message: str, headers: Mapping[str, str]
) -> UpstreamResponse:
    error = {"message": message, "type": kind, "param": None, "code": code}
    body = json.dumps({"error": error}, separators=(",", ":")).encode()
    told = {"Content-Type": "application/json", **headers}
    return UpstreamResponse(status, told, KnownBody((body,)), own=True)
