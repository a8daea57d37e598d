"""What every dialect decides: paths, credentials, and the words of each refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from provisioner.gateway.actor import Actor
from provisioner.gateway.agent_firewall import AgentFirewall
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.denial import Denial
from provisioner.gateway.upstreams.protocol import Credential
from provisioner.gateway.wire import Answer, WireError
from provisioner.redact import Secret

__all__ = ["Dialect"]


class Dialect(Protocol):
    """How the gateway speaks.

    The order of calls is open_for, the limits, guard, stripped, token, the authenticator,
    admitted, then the route. Methods that return `WireError` answer a cause found elsewhere;
    the others raise it.
    """

    @property
    def by_model(self) -> bool:
        """Whether the model says which provider is asked, as paths name none."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Paths that it does not have, of those where the model says which provider is asked."""

    @property
    def passed_headers(self) -> tuple[str, ...]:
        """Headers of a provider's error that reach the client besides its type."""

    def own_answer(self, actor: Actor, path: str) -> Answer:
        """Answer a route that no provider is asked for; raise `WireError`."""

    def answer_headers(self, notes: Notes) -> Mapping[str, str]:
        """Return the headers that every answer gets, whoever wrote it."""

    def broken_off(self, event: bytes, message: str) -> bytes:
        """Return what ends a stream early: `event` is how its API says it."""

    def open_for(self, path: str) -> None:
        """Raise `WireError` when nobody is served at `path`, whoever asks."""

    def limit_key(self, headers: Mapping[str, str]) -> str:
        """Return what requests are counted by, empty when they bring nothing."""

    def guard(self, headers: Mapping[str, str]) -> None:
        """Raise `WireError` for a request that is refused whoever sends it."""

    def stripped(self, path: str) -> str:
        """Return `path` as `/<provider>/v1/...`, or `/v1/...` where the model decides."""

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the gateway token of a request; raise `WireError` when there is none."""

    def admitted(self) -> None:
        """Raise `WireError` when no user may go on."""

    def checked(self, headers: Mapping[str, str]) -> AgentFirewall | None:
        """Return what the agent firewall says of a request on a known route, if it is heard.

        Raises `WireError` when its headers make no sense.
        """

    def personal_credential(
        self, headers: Mapping[str, str], places: tuple[str, ...]
    ) -> Credential | None:
        """Return the user's own credential from one of `places`, or None for the gateway's."""

    def no_credential(self, path: str) -> None:
        """Raise `WireError` for a request that nobody's credential pays for, if that ends it."""

    def recordable(self) -> None:
        """Raise `WireError` when interceptions cannot be stored."""

    def unauthorized(self, state: str) -> WireError:
        """Answer a token that is unknown, or in the `state` revoked, disabled or expired."""

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""

    def at_capacity(self) -> WireError:
        """Answer a request beyond the number that is served at a time."""

    def rate_limited(self) -> WireError:
        """Answer a request beyond the number that a token has in a second."""

    def provider_disabled(self, name: str, method: str, path: str) -> WireError:
        """Answer a provider that is configured and switched off."""

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a provider or route that does not exist; `path` is stripped."""

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""

    def body_too_slow(self) -> WireError:
        """Answer a body that does not come to its end."""

    def unreadable_body(self, path: str) -> WireError:
        """Answer a body that is empty or not JSON; `path` is stripped."""

    def background_refused(self) -> WireError:
        """Answer `background: true`."""

    def denied(self, denial: Denial) -> WireError:
        """Answer a request that policy refuses."""

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""

    def circuit_open(self, seconds: int) -> WireError:
        """Answer a request for what is left alone for `seconds`."""

    def upstream_unreachable(
        self, message: str, notes: Notes, *, timed_out: bool = False
    ) -> WireError:
        """Answer a bridged request whose upstream did not answer, the last of all in `notes`."""

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""

    def shutting_down(self) -> WireError:
        """Answer a request that came after the gateway was told to stop."""

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
