"""What providers of one type have in common: routes, credential headers, wire formats.

Source of routes and headers: Coder's AI Gateway.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from provisioner.gateway.wire_format import CHAT, MESSAGES, RESPONSES, WireFormat

__all__ = ["PROVIDER_TYPES", "ProviderType", "RouteKind"]


class RouteKind(enum.Enum):
    """What the gateway does with a request."""

    BRIDGED = "bridged"
    """Reads it, records it and sends it on."""
    PASSTHROUGH = "passthrough"
    """Sends it on."""
    OWN = "own"
    """Answers it itself."""


class ProviderType(Struct, frozen=True):
    """How services of one kind are addressed.

    `prefix` is the part of a path behind the provider's name that its base URL stands for.
    `credential_headers` are where users may put a key of their own, best first; the gateway puts
    its own into `key_header`. `busy` are the statuses that count against a circuit. Where
    `is_personal`, the gateway has no key: every user brings a login.
    """

    name: str
    prefix: str
    bridged: Mapping[str, WireFormat]
    passthrough: tuple[str, ...]
    credential_headers: tuple[str, ...]
    key_header: str
    busy: frozenset[int]
    is_personal: bool = False

    def behind(self, path: str) -> str:
        """Return the part of `path`, such as `/v1/responses`, that goes behind a base URL."""
        short = path.removeprefix("/v1")
        return short if short in self.bridged else path.removeprefix(self.prefix)

    def route(self, path: str) -> tuple[RouteKind, WireFormat | None] | None:
        """Return what `path`, the part behind the prefix, means; None if it does not exist.

        All that is not listed does not exist: with a central key behind it, a gateway must not
        forward what it does not know.
        """
        wire = self.bridged.get(path)
        if wire is not None:
            return RouteKind.BRIDGED, wire
        if _has_dots(path) or not self.pattern(path):
            return None
        return RouteKind.PASSTHROUGH, None

    def pattern(self, path: str) -> str:
        """Return which of the paths that pass `path` is, such as `/models/*`; "" for none."""
        for known in self.passthrough:
            if not known.endswith("/"):
                if path == known:
                    return known
            # With nothing behind the slash, upstreams take it for the path without, which is read.
            elif path.startswith(known) and path.strip("/") != known.strip("/"):
                return f"{known}*"
        return ""


def _has_dots(path: str) -> bool:
    """Say whether `path` climbs: an upstream would take it for another, unlisted one."""
    return any(part in (".", "..") for part in path.split("/"))


_OPENAI = ProviderType(
    name="openai",
    prefix="/v1",
    bridged={"/responses": RESPONSES, "/chat/completions": CHAT},
    passthrough=(
        "/conversations",
        "/conversations/",
        "/models",
        "/models/",
        "/responses/",
    ),
    credential_headers=("Authorization",),
    key_header="Authorization",
    busy=frozenset({429, 503, 504}),
)
_ANTHROPIC = ProviderType(
    name="anthropic",
    prefix="",
    bridged={"/v1/messages": MESSAGES},
    passthrough=(
        "/v1/models",
        "/v1/models/",
        "/v1/messages/count_tokens",
        "/api/event_logging/",
    ),
    credential_headers=("X-Api-Key", "Authorization"),
    key_header="X-Api-Key",
    busy=frozenset({429, 503, 504, 529}),
)

_COPILOT = ProviderType(
    name="copilot",
    prefix="",
    bridged={"/responses": RESPONSES, "/chat/completions": CHAT},
    passthrough=("/models", "/models/", "/agents/", "/mcp/", "/.well-known/"),
    credential_headers=("Authorization",),
    key_header="Authorization",
    busy=_OPENAI.busy,
    is_personal=True,
)
# Coder asks these at an endpoint that speaks OpenAI's API, and Bedrock in Anthropic's words.
_LIKE_OPENAI = ("azure", "google", "openai-compat", "openrouter", "vercel")
_LIKE_ANTHROPIC = ("bedrock",)

PROVIDER_TYPES: Mapping[str, ProviderType] = {
    kind.name: kind
    for kind in (
        _OPENAI,
        _ANTHROPIC,
        _COPILOT,
        *(replace(_OPENAI, name=name) for name in _LIKE_OPENAI),
        *(replace(_ANTHROPIC, name=name) for name in _LIKE_ANTHROPIC),
    )
}
