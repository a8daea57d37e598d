"""Speaks as any server that offers OpenAI's paths below `/v1` and OpenAI's error envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provisioner.gateway.dialects.headers import bearer
from provisioner.gateway.wire import WireError, json_answer
from provisioner.redact import Secret

__all__ = ["OpenAICompatibleDialect"]


class OpenAICompatibleDialect:
    """One key opens one provider, which is the only one."""

    def __init__(self, provider: str) -> None:
        """Serve `provider` at `/v1/...`."""
        self._provider = provider

    def guard(self, headers: Mapping[str, str]) -> None:
        """Refuse nothing."""

    def stripped(self, path: str) -> str:
        """Return `path` below the one provider."""
        return f"/{self._provider}{path}"

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the key of a request; raise `WireError` when there is none."""
        value = bearer(headers) or headers.get("X-Api-Key", "").strip()
        if not value:
            raise _error(401, "authentication_error", "invalid_api_key", "missing API key")
        return Secret(value)

    def personal_credential(self, headers: Mapping[str, str]) -> Secret | None:  # noqa: ARG002
        """Return None: the key is the gateway's own."""
        return None

    def unauthorized(self) -> WireError:
        """Answer a key that is unknown or revoked."""
        return _error(401, "authentication_error", "invalid_api_key", "invalid API key")

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""
        return _error(503, "server_error", "service_unavailable", "the key cannot be checked now")

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a route that does not exist."""
        path = path.removeprefix(f"/{self._provider}")
        message = f"unknown route: {method} {path}"
        return _error(404, "invalid_request_error", "not_found", message)

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        refused = _error(426, "invalid_request_error", "http_only", "use HTTP")
        headers = {**refused.answer.headers, "Upgrade": "HTTP/1.1", "Connection": "close"}
        return WireError(replace(refused.answer, headers=headers))

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""
        message = "the request body is larger than 32 MiB"
        return _error(413, "invalid_request_error", "payload_too_large", message)

    def unreadable_body(self, path: str) -> WireError:  # noqa: ARG002 - said in the message of others
        """Answer a body that is empty or not JSON; 400 is what Codex does not repeat."""
        message = "the request body is not JSON"
        return _error(400, "invalid_request_error", "bad_request", message)

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        message = "background requests are not supported"
        return _error(400, "invalid_request_error", "unsupported_parameter", message)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return _error(500, "server_error", "internal_error", "the request could not be recorded")

    def upstream_unreachable(self, message: str) -> WireError:
        """Answer a bridged request whose upstream did not answer."""
        return _error(502, "api_error", "provider_error", message)

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""
        return _error(502, "api_error", "provider_error", "the provider did not answer")

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return _error(500, "server_error", "internal_error", "internal server error")


def _error(status: int, kind: str, code: str, message: str) -> WireError:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return WireError(json_answer(status, {"error": error}, "application/json"))
