"""What every dialect decides: paths, credentials, and the words of each refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from provisioner.gateway.wire import WireError
from provisioner.redact import Secret

__all__ = ["Dialect"]


class Dialect(Protocol):
    """How the gateway speaks; the order of calls is guard, stripped, token, then the route."""

    def guard(self, headers: Mapping[str, str]) -> None:
        """Raise `WireError` for a request that is refused whoever sends it."""

    def stripped(self, path: str) -> str:
        """Return `path` as `/<provider>/v1/...`."""

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the gateway token of a request; raise `WireError` when there is none."""

    def personal_credential(self, headers: Mapping[str, str]) -> Secret | None:
        """Return the user's own credential, or None when the gateway's has to do."""

    def unauthorized(self) -> WireError:
        """Answer a token that is unknown or revoked."""

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a provider or route that does not exist; `path` is stripped."""

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""

    def unreadable_body(self, path: str) -> WireError:
        """Answer a body that is empty or not JSON; `path` is stripped."""

    def background_refused(self) -> WireError:
        """Answer `background: true`."""

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""

    def upstream_unreachable(self, message: str) -> WireError:
        """Answer a bridged request whose upstream did not answer."""

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
