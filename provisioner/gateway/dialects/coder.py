"""Speaks as Coder's AI Gateway: its paths, its credential headers, its error answers.

The order of checks is Coder's too: BYOK guard, then prefix, then token, then route.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provisioner.gateway.dialects.headers import bearer
from provisioner.gateway.wire import WireError, json_answer, text_answer
from provisioner.redact import Secret

__all__ = ["CoderDialect"]

_GOVERNANCE = "X-Coder-AI-Governance-Token"
_PREFIXES = ("/api/v2/aibridge", "/api/v2/ai-gateway")


class CoderDialect:
    """What a Coder deployment with AI Gateway would take from a request and answer to it."""

    def __init__(self, *, allow_byok: bool) -> None:
        """Refuse requests with a user's own credential unless `allow_byok`."""
        self._allow_byok = allow_byok

    def guard(self, headers: Mapping[str, str]) -> None:
        """Raise `WireError` when the request brings a credential and that is switched off."""
        if self._allow_byok or not _is_byok(headers):
            return
        document = {
            "message": "Bring Your Own Key (BYOK) mode is not enabled.",
            "detail": "Contact your administrator to enable it with --ai-gateway-allow-byok.",
        }
        answer = json_answer(403, document, "application/json; charset=utf-8")
        raise WireError(replace(answer, body=answer.body + b"\n"))

    def stripped(self, path: str) -> str:
        """Return `path` as the gateway proper sees it, such as `/openai/v1/responses`."""
        for prefix in _PREFIXES:
            if path == prefix or path.startswith(f"{prefix}/"):
                return path[len(prefix) :] or "/"
        return path

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the gateway token of a request; raise `WireError` when there is none."""
        value = (
            headers.get(_GOVERNANCE, "").strip()
            or bearer(headers)
            or headers.get("X-Api-Key", "").strip()
        )
        if not value:
            raise WireError(text_answer(400, "no authentication key provided"))
        return Secret(value)

    def personal_credential(self, headers: Mapping[str, str]) -> Secret | None:
        """Return the user's own credential, or None when the gateway's has to do."""
        if not _is_byok(headers):
            return None
        value = bearer(headers)
        return Secret(value) if value else None

    def unauthorized(self) -> WireError:
        """Answer a token that is unknown or revoked."""
        return WireError(text_answer(403, "unauthorized"))

    def authentication_away(self) -> WireError:
        """Answer a token that nobody can be asked about now."""
        return WireError(text_answer(503, "could not connect to coderd"))

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a provider or route that does not exist; `path` is stripped."""
        return WireError(text_answer(404, f"route not supported: {method} {path}"))

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        answer = text_answer(426, "WebSocket transport is not supported, use HTTP")
        # RFC 9110 wants a 426 to name a protocol to use instead.
        headers = {**answer.headers, "Upgrade": "HTTP/1.1", "Connection": "close"}
        return WireError(replace(answer, headers=headers))

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit."""
        message = "Request body too large. The maximum allowed request body size is 32MiB."
        return WireError(text_answer(413, message))

    def unreadable_body(self, path: str) -> WireError:
        """Answer a body that is empty or not JSON; `path` is stripped."""
        return WireError(text_answer(500, f'failed to create "{path}" interceptor'))

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        message = "background requests are currently not supported by AI Bridge"
        return _coded_error(501, message)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return WireError(text_answer(500, "failed to record interception"))

    def upstream_unreachable(self, message: str) -> WireError:
        """Answer a bridged request whose upstream did not answer."""
        return _coded_error(500, message)

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request whose upstream did not answer."""
        return WireError(text_answer(502, "upstream proxy error"))

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return WireError(text_answer(500, "internal server error"))


def _is_byok(headers: Mapping[str, str]) -> bool:
    return bool(headers.get(_GOVERNANCE, "").strip())


def _coded_error(status: int, message: str) -> WireError:
    document = {"code": str(status), "message": message}
    return WireError(json_answer(status, document, "application/json"))
