"""Speaks as any server that offers OpenAI's paths below `/v1` and OpenAI's error envelope."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.gateway.dialects.by_key import ByKey
from provisioner.gateway.dialects.by_path import ByPath
from provisioner.gateway.dialects.headers import bearer
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.wire import WireError, json_answer
from provisioner.redact import Secret

__all__ = ["OpenAICompatibleDialect"]

_DENIED: Mapping[Reason, tuple[int, str]] = {
    Reason.RATE_LIMITED: (429, "rate_limit_error"),
    Reason.POLICY_UNAVAILABLE: (503, "server_error"),
    Reason.END_USER_REQUIRED: (400, "invalid_request_error"),
    Reason.MISSING_MODEL: (400, "invalid_request_error"),
}


class OpenAICompatibleDialect(ByKey, ByPath):
    """One key opens one provider, which is the only one."""

    def __init__(self, provider: str) -> None:
        """Serve `provider` at `/v1/...`."""
        self._provider = provider

    def limit_key(self, headers: Mapping[str, str]) -> str:
        """Return the key, whether it is a good one or not."""
        return _key(headers)

    def guard(self, headers: Mapping[str, str]) -> None:
        """Refuse nothing."""

    def stripped(self, path: str) -> str:
        """Return `path` below the one provider."""
        return f"/{self._provider}{path}"

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the key of a request; raise `WireError` when there is none."""
        value = _key(headers)
        if not value:
            raise _error(401, "authentication_error", "invalid_api_key", "missing API key")
        return Secret(value)

    def no_credential(self, path: str) -> None:
        """Raise `WireError`: nothing but the gateway's key could pay."""
        raise _error(500, "server_error", "internal_error", f"no provider key for {path}")

    def unauthorized(self, state: str) -> WireError:  # noqa: ARG002 - one answer for all
        """Answer a key that is unknown or revoked."""
        return _error(401, "authentication_error", "invalid_api_key", "invalid API key")

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""
        return _error(503, "server_error", "service_unavailable", "the key cannot be checked now")

    def at_capacity(self) -> WireError:
        """Answer a request beyond the number that is served at a time."""
        return _error(503, "server_error", "overloaded", "too many requests at a time")

    def rate_limited(self) -> WireError:
        """Answer a request beyond the number that a key has in a second."""
        message = "too many requests a second"
        refused = _error(429, "rate_limit_error", "rate_limit_exceeded", message)
        return refused.with_headers({"Retry-After": "1"})

    def provider_disabled(self, name: str, method: str, path: str) -> WireError:  # noqa: ARG002
        """Answer the provider being switched off."""
        return _error(503, "server_error", "provider_disabled", "the provider is switched off")

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a route that does not exist."""
        path = path.removeprefix(f"/{self._provider}")
        message = f"unknown route: {method} {path}"
        return _error(404, "invalid_request_error", "not_found", message)

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        refused = _error(426, "invalid_request_error", "http_only", "use HTTP")
        return refused.with_headers({"Upgrade": "HTTP/1.1", "Connection": "close"})

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""
        message = "the request body is larger than 32 MiB"
        return _error(413, "invalid_request_error", "payload_too_large", message)

    def body_too_slow(self) -> WireError:
        """Answer a body that does not come to its end."""
        message = "the request body did not arrive in time"
        refused = _error(408, "invalid_request_error", "request_timeout", message)
        return refused.with_headers({"Connection": "close"})

    def unreadable_body(self, path: str) -> WireError:  # noqa: ARG002 - said in the message of others
        """Answer a body that is empty or not JSON; 400 is what Codex does not repeat."""
        message = "the request body is not JSON"
        return _error(400, "invalid_request_error", "bad_request", message)

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        message = "background requests are not supported"
        return _error(400, "invalid_request_error", "unsupported_parameter", message)

    def denied(self, denial: Denial) -> WireError:
        """Answer a request that policy refuses."""
        status, kind = _DENIED.get(denial.reason, (403, "permission_denied"))
        if denial.reason.is_spent:
            status, kind = 402, "insufficient_quota"
        refused = _error(status, kind, denial.reason.value, denial.message)
        again = {"Retry-After": str(denial.retry_after)} if denial.retry_after else {}
        return refused.with_headers(again)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return _error(500, "server_error", "internal_error", "the request could not be recorded")

    def circuit_open(self, seconds: int) -> WireError:
        """Answer a request for what is left alone for `seconds`."""
        message = "the provider is busy again and again"
        refused = _error(503, "server_error", "service_unavailable", message)
        return refused.with_headers({"Retry-After": str(seconds)})

    def upstream_unreachable(
        self,
        message: str,
        notes: Notes,  # noqa: ARG002 - told by others
        *,
        timed_out: bool = False,  # noqa: ARG002
    ) -> WireError:
        """Answer a bridged request whose upstream did not answer."""
        return _error(502, "api_error", "provider_error", message)

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""
        return _error(502, "api_error", "provider_error", "the provider did not answer")

    def shutting_down(self) -> WireError:
        """Answer a request that came after the gateway was told to stop."""
        refused = _error(503, "server_error", "shutting_down", "the gateway is being stopped")
        return refused.with_headers({"Connection": "close"})

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return _error(500, "server_error", "internal_error", "internal server error")


def _key(headers: Mapping[str, str]) -> str:
    return bearer(headers) or headers.get("X-Api-Key", "").strip()


def _error(status: int, kind: str, code: str, message: str) -> WireError:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return WireError(json_answer(status, {"error": error}, "application/json"))
