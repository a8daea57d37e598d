"""To the service through a company's proxy: aiohttp knows how to ask one."""

from __future__ import annotations

import base64
import io

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from provisioner.gateway.upstreams.http_body import HttpBody
from provisioner.gateway.upstreams.http_client import HttpClient
from provisioner.gateway.upstreams.http_sending import LONG_BODY
from provisioner.gateway.upstreams.http_trouble import failure, is_usable, reason
from provisioner.gateway.upstreams.protocol import (
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from provisioner.redact import Secret

__all__ = ["ProxiedWay"]


class ProxiedWay:
    """Asks one service through one proxy."""

    def __init__(
        self,
        base_url: str,
        proxy: str,
        login: Secret | None,
        client: HttpClient,
        *,
        connect: float,
        idle: float,
    ) -> None:
        """Ask the service at `base_url` through `proxy`, whose `login` is `user:password`.

        The seconds are for connecting, and for silence.
        """
        basic = base64.b64encode(login.reveal().encode()).decode() if login else ""
        self._told_to_proxy = {"Proxy-Authorization": f"Basic {basic}"} if login else {}
        self._base_url = base_url
        self._proxy = proxy
        self._client = client
        self._connect_seconds = connect
        self._idle_seconds = idle

    async def ask(
        self,
        request: UpstreamRequest,
        headers: CIMultiDict[str],
        body: bytes,
        seconds: float | None,
    ) -> UpstreamResponse:
        """Return the answer to `request`, sent with other `headers` and `body`.

        All of it may take `seconds`; a silence ends it anyway. Raises `UpstreamError`.
        """
        query = f"?{request.query}" if request.query else ""
        url = URL(f"{self._base_url}{request.path}{query}", encoded=True)
        told_to_proxy = self._told_to_proxy
        if told_to_proxy and url.scheme == "http":
            # There is no tunnel: what the proxy gets is the request itself.
            headers.update(told_to_proxy)
        try:
            session = await self._client.session()
            response = await session.request(
                request.method,
                url,
                data=_sendable(body),
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy,
                proxy_headers=told_to_proxy or None,
                timeout=self._timeout(seconds),
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(error, reason(error, url, self._proxy)) from error
        if not is_usable(response.status, response.headers.values()):
            response.close()
            raise UpstreamError(f"no usable answer from {url.host}:{url.port}")
        answered = HttpBody(response)
        return UpstreamResponse(response.status, response.headers, answered, progress=answered)

    def _timeout(self, seconds: float | None) -> aiohttp.ClientTimeout:
        connect = self._connect_seconds
        # `connect` is all of it: the name, the proxy and TLS too.
        return aiohttp.ClientTimeout(
            total=seconds,
            connect=connect,
            sock_connect=connect,
            sock_read=self._idle_seconds if seconds is None else seconds,
        )


def _sendable(body: bytes) -> bytes | io.BytesIO | None:
    # A long one goes bit by bit, so that others have their turn.
    return io.BytesIO(body) if len(body) >= LONG_BODY else body or None
