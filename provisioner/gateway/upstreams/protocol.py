"""What every upstream offers to the gateway, and what it is handed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from provisioner.redact import Secret

__all__ = [
    "ByteStream",
    "Credential",
    "Progress",
    "Upstream",
    "UpstreamCutError",
    "UpstreamError",
    "UpstreamRequest",
    "UpstreamResponse",
    "UpstreamTimeoutError",
]


class UpstreamError(Exception):
    """The upstream did not answer, or broke off; the message is told to the client."""


class UpstreamTimeoutError(UpstreamError):
    """The upstream was too slow."""


class UpstreamCutError(UpstreamError):
    """The client's connection must be cut where it is: a script wants to show just that."""


class Credential(Struct, frozen=True):
    """A user's own credential and the header it came in, which is the one it goes on in."""

    secret: Secret
    header: str = "Authorization"


class ByteStream(Protocol):
    """An answer's body, chunk by chunk; an async generator is one."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the chunks as they arrive."""
        ...

    async def aclose(self) -> None:
        """Let go of the upstream, also when it has more to say or was never read."""
        ...


class Progress(Protocol):
    """How much of an answer's body is here already: what is need not be sent piece by piece."""

    def begun(self) -> bool:
        """Say whether the first chunk can be had without waiting."""
        ...

    def ended(self) -> bool:
        """Say whether the chunk that was had last is the end of the body."""
        ...


class _Unknown:
    def begun(self) -> bool:
        return False

    def ended(self) -> bool:
        return False


_UNKNOWN = _Unknown()


class UpstreamRequest(Struct, frozen=True):
    """A request to send on.

    `path` is the part that goes behind the base URL, as the client sent it. `headers` hold no
    credential: `credential` is the user's own, None when the upstream has to use the gateway's.
    `body` is as the client sent it; `document` is what it says, where the gateway had to read it;
    `streams` says whether the answer may come bit by bit.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    credential: Credential | None
    body: bytes
    document: Mapping[str, Any] = field(default_factory=dict)
    streams: bool = False


class UpstreamResponse(Struct, frozen=True):
    """An answer whose body is still to be read; whoever has it must close the body.

    With `own` it is the gateway's own answer, whose headers all reach the client. `progress` may
    always say no. `key_hint` is that of the provider's key it was given for, where there were
    several to choose from.
    """

    status: int
    headers: Mapping[str, str]
    body: ByteStream
    own: bool = False
    progress: Progress = _UNKNOWN
    key_hint: str = ""


class Upstream(Protocol):
    """Sends requests on; one object serves all requests of a provider at the same time."""

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        """Send `request` and return once status and headers are there.

        Raises `UpstreamError`; on cancellation nothing stays open.
        """
        ...
