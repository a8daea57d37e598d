"""Speaks as Coder's AI Gateway: its paths, its credential headers, its error answers.

The order of checks is Coder's too: licence, limits, BYOK guard, prefix, token, deployment, route.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from msgspec import Struct

from provisioner.gateway.agent_firewall import AgentFirewall, agent_firewall
from provisioner.gateway.deployment_config import Condition, Era
from provisioner.gateway.dialects.by_path import ByPath
from provisioner.gateway.dialects.coder_answers import (
    coded_error,
    condition_error,
    deployment_error,
    plain_error,
    policy_error,
    product,
)
from provisioner.gateway.dialects.headers import bearer, credential
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.denial import Denial
from provisioner.gateway.upstreams.protocol import Credential
from provisioner.gateway.wire import WireError, json_answer
from provisioner.redact import Secret

__all__ = ["CoderDialect", "CoderSettings"]

_GOVERNANCE = "X-Coder-AI-Governance-Token"
_REQUEST_ID = "X-Coder-AI-Governance-Request-Id"
_LONGEST_ID = 128
_OLD_PREFIX, _NEW_PREFIX = "/api/v2/aibridge", "/api/v2/ai-gateway"

_log = logging.getLogger(__name__)


class CoderSettings(Struct, frozen=True):
    """The deployment that is played."""

    era: Era = Era.V2_32
    condition: Condition = Condition.READY
    allow_byok: bool = True
    budget_usd: float = 0


class CoderDialect(ByPath):
    """What a Coder deployment with AI Gateway would take from a request and answer to it."""

    def __init__(self, settings: CoderSettings) -> None:
        """Speak as the deployment of `settings`."""
        self._settings = settings
        self._is_old = settings.era is Era.V2_32
        self._prefixes = (_OLD_PREFIX,) if self._is_old else (_OLD_PREFIX, _NEW_PREFIX)

    def _stop_in(self, *conditions: Condition) -> None:
        settings = self._settings
        if settings.condition in conditions:
            raise condition_error(settings.condition, settings.era, settings.budget_usd)

    def open_for(self, path: str) -> None:
        """Raise `WireError` without a licence, and for an API path of another era."""
        if path.startswith("/api/") and not any(_is_below(path, p) for p in self._prefixes):
            raise deployment_error(404, {"message": "Route not found."})
        self._stop_in(Condition.UNLICENSED, Condition.NOT_MOUNTED)

    def limit_key(self, headers: Mapping[str, str]) -> str:
        """Return the token, whether it is a good one or not."""
        return _token(headers)

    def guard(self, headers: Mapping[str, str]) -> None:
        """Raise `WireError` when the request brings a credential and that is switched off."""
        if self._settings.allow_byok or not _is_byok(headers):
            return
        document = {
            "message": "Bring Your Own Key (BYOK) mode is not enabled.",
            "detail": "Contact your administrator to enable it with --ai-gateway-allow-byok.",
        }
        raise deployment_error(403, document)

    def stripped(self, path: str) -> str:
        """Return `path` as the gateway proper sees it, such as `/openai/v1/responses`."""
        for prefix in self._prefixes:
            if _is_below(path, prefix):
                return path[len(prefix) :] or "/"
        return path

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the gateway token of a request; raise `WireError` when there is none."""
        value = _token(headers)
        if not value:
            raise plain_error(400, "no authentication key provided")
        self._stop_in(Condition.CODERD_UNREACHABLE)
        return Secret(value)

    def admitted(self) -> None:
        """Raise `WireError` when the budget, or the gateway itself, stops everybody."""
        self._stop_in(Condition.BUDGET_UNKNOWN, Condition.OVER_BUDGET, Condition.NO_HANDLER)

    def checked(self, headers: Mapping[str, str]) -> AgentFirewall | None:
        """Return what the agent firewall says; raise `WireError` when it makes no sense.

        The number that an AI proxy gave the request goes into the log.
        """
        number = headers.get(_REQUEST_ID, "")
        if number:
            _log.info("request of the AI proxy: %s", ascii(number[:_LONGEST_ID]))
        if self._is_old:
            return None
        try:
            return agent_firewall(headers)
        except ValueError as error:
            raise plain_error(400, "invalid agent firewall headers") from error

    def personal_credential(
        self, headers: Mapping[str, str], places: tuple[str, ...]
    ) -> Credential | None:
        """Return the user's own credential, or None when the gateway's has to do."""
        return credential(headers, places) if _is_byok(headers) else None

    def no_credential(self, path: str) -> None:
        """Raise `WireError`; older releases send the request on with an empty key."""
        if not self._is_old:
            raise self.unreadable_body(path)

    def recordable(self) -> None:
        """Raise `WireError` for a model that nobody may have, and when nothing can be stored."""
        self._stop_in(
            Condition.MODEL_DENIED, Condition.MODEL_POLICY_UNKNOWN, Condition.RECORDS_UNAVAILABLE
        )

    def unauthorized(self, state: str) -> WireError:  # noqa: ARG002 - one answer for all
        """Answer a token that is unknown or revoked."""
        return plain_error(403, "unauthorized")

    def at_capacity(self) -> WireError:
        """Answer a request beyond the number that is served at a time."""
        name = product(self._settings.era)
        message = f"{name} is currently at capacity. Please try again later."
        return deployment_error(503, {"message": message})

    def rate_limited(self) -> WireError:
        """Answer a request beyond the number that a token has in a second."""
        message = "You've been rate limited. Please try again later."
        return deployment_error(429, {"message": message}, {"Retry-After": "1"})

    def provider_disabled(self, name: str, method: str, path: str) -> WireError:
        """Answer a provider that is switched off; older releases do not know of it then."""
        if self._is_old:
            return self.route_not_supported(method, path)
        return plain_error(503, f'provider_disabled: AI provider "{name}" is disabled')

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""
        return plain_error(503, "could not connect to coderd")

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a provider or route that does not exist; `path` is stripped."""
        return plain_error(404, f"route not supported: {method} {path}")

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        refused = plain_error(426, "WebSocket transport is not supported, use HTTP")
        # RFC 9110 wants a 426 to name a protocol to use instead.
        return refused.with_headers({"Upgrade": "HTTP/1.1", "Connection": "close"})

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""
        message = "Request body too large. The maximum allowed request body size is 32MiB."
        return plain_error(413, message)

    def body_too_slow(self) -> WireError:
        """Answer a body that does not come to its end."""
        refused = plain_error(408, "the request body did not arrive in time")
        return refused.with_headers({"Connection": "close"})

    def unreadable_body(self, path: str) -> WireError:
        """Answer a body that is empty or not JSON; `path` is stripped."""
        return plain_error(500, f'failed to create "{path}" interceptor')

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        name = product(self._settings.era)
        return coded_error(501, f"background requests are currently not supported by {name}")

    def denied(self, denial: Denial) -> WireError:
        """Answer a request that policy refuses."""
        return policy_error(denial)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return condition_error(Condition.RECORDS_UNAVAILABLE, self._settings.era, 0)

    def circuit_open(self, seconds: int) -> WireError:
        """Answer a request for what is left alone for `seconds`."""
        error = {
            "message": "circuit breaker is open",
            "type": "server_error",
            "code": "service_unavailable",
        }
        answer = json_answer(503, {"error": error}, "application/json")
        return WireError(answer).with_headers({"Retry-After": str(seconds)})

    def upstream_unreachable(
        self,
        message: str,
        notes: Notes,  # noqa: ARG002 - told by others
        *,
        timed_out: bool = False,  # noqa: ARG002
    ) -> WireError:
        """Answer a bridged request whose upstream did not answer."""
        return coded_error(500, message)

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""
        return plain_error(502, "upstream proxy error")

    def shutting_down(self) -> WireError:
        """Answer a request that came after the gateway was told to stop."""
        return plain_error(500, "server closed").with_headers({"Connection": "close"})

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return plain_error(500, "internal server error")


def _token(headers: Mapping[str, str]) -> str:
    return (
        headers.get(_GOVERNANCE, "").strip()
        or bearer(headers)
        or headers.get("X-Api-Key", "").strip()
    )


def _is_byok(headers: Mapping[str, str]) -> bool:
    return bool(headers.get(_GOVERNANCE, "").strip())


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
