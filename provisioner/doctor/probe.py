"""One question to a server, answered or not within a deadline; redirects are never followed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

__all__ = ["Answer", "Silence", "ask", "name_resolves"]

_MOST_BYTES = 4 * 1024 * 1024
# httpx gives each step of a request its time, and then closes what it opened; what drips along
# without end is cancelled a moment later.
_GRACE_SECONDS = 0.2
# What httpx was doing when it was interrupted → what that says about the server.
_STAGES = (
    ("connect_tcp", "the connection was not accepted"),
    ("start_tls", "the TLS handshake did not end"),
    ("send_request", "the request was not taken"),
    ("receive_response_headers", "it accepted the connection and sent no answer"),
    ("receive_response_body", "the answer did not end"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `body` is cut where it is longer than anything that is looked at."""

    status: int
    content_type: str
    location: str
    body: str

    @property
    def is_page(self) -> bool:
        """Whether it is meant for a browser: a login page, a proxy's notice, a web application."""
        start = self.body.lstrip()[:200].lower()
        return "text/html" in self.content_type or start.startswith(("<!doctype html", "<html"))

    @property
    def is_redirect(self) -> bool:
        """Whether it sends the client elsewhere."""
        return self.status in {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, and why."""

    reason: str
    is_tls: bool = False
    is_unsent: bool = False
    """Whether the request itself is at fault: nothing was sent."""


async def ask(
    client: httpx.AsyncClient,
    url: str,
    headers: Mapping[str, str],
    *,
    params: Mapping[str, str] | None = None,
    seconds: float,
) -> Answer | Silence:
    """GET `url` and return the answer, or why there was none after at most `seconds`."""
    stage = [""]

    async def trace(event: str, _info: Mapping[str, object]) -> None:
        # What is being done; a failed step is followed by the closing of what was open.
        if event.endswith(".started") and "close" not in event:
            stage[0] = event

    try:
        async with (
            asyncio.timeout(seconds + _GRACE_SECONDS),
            client.stream(
                "GET", url, headers=headers, params=params or None, extensions={"trace": trace}
            ) as response,
        ):
            return Answer(
                status=response.status_code,
                content_type=response.headers.get("content-type", "").lower(),
                location=response.headers.get("location", ""),
                body=await _body(response),
            )
    except (TimeoutError, httpx.TimeoutException):
        where = next((words for name, words in _STAGES if name in stage[0]), "nothing happened")
        return Silence(f"no answer within {seconds:g} s: {where}")
    except httpx.ProxyError as error:
        return Silence(f"the proxy refused: {error}")
    except (httpx.LocalProtocolError, UnicodeEncodeError):
        # Their words quote the header, which may be a credential.
        return Silence("the request holds a header that cannot be sent", is_unsent=True)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return _failure(error)


async def _body(response: httpx.Response) -> str:
    """Read the body up to the limit; an upgraded connection has none that ends."""
    if response.status_code == httpx.codes.SWITCHING_PROTOCOLS:
        return ""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MOST_BYTES:
            break
    return content[:_MOST_BYTES].decode("utf-8", errors="replace")


def _failure(error: Exception) -> Silence:
    """Say what went wrong, from the innermost reason outwards."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            words = getattr(cause, "verify_message", "") or cause.reason or str(cause)
            return Silence(f"TLS failed: {words}", is_tls=True)
        if isinstance(cause, ConnectionRefusedError):
            return Silence("the connection is refused: nothing listens there")
        cause = cause.__cause__ or cause.__context__
    return Silence(str(error) or type(error).__name__, is_tls="SSL" in str(error))


async def name_resolves(host: str, port: int, seconds: float) -> str:
    """Return why `host` has no address; empty when it has one.

    A resolver cannot be interrupted, so it is left behind in a thread that ends with the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[str] = loop.create_future()

    def tell(problem: str) -> None:
        if not done.done():
            done.set_result(problem)

    def resolve() -> None:
        problem = ""
        try:
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            problem = getattr(error, "strerror", None) or str(error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, problem)

    threading.Thread(target=resolve, daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await done
    except TimeoutError:
        return f"no answer from DNS within {seconds:g} s"
