"""Speaks as Auto AI Router: a master key, models that choose credentials, errors by status.

Source: its pages, and MiXaiLL76/auto_ai_router of March 2026 where they are silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.gateway.actor import Actor
from provisioner.gateway.auto_ai_router_config import AutoAiRouterConfig
from provisioner.gateway.dialects.auto_ai_router_errors import error
from provisioner.gateway.dialects.by_key import ByKey
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.wire import Answer, WireError, json_answer
from provisioner.redact import Secret

__all__ = ["AutoAiRouterDialect"]

_NO_MODEL = "model field is required"
_KEY_STATES = {"revoked": (403, "Token blocked"), "expired": (401, "Token expired")}
_NONE: Mapping[str, str] = {}


class AutoAiRouterDialect(ByKey):
    """One base URL for all credentials; the model says which are asked."""

    by_model = True
    passed_headers = ("Retry-After",)
    # Its page has no Messages, and its credentials are asked as OpenAI's.
    left_out = ("/v1/messages",)

    def __init__(
        self, settings: AutoAiRouterConfig, models: Sequence[str], *, has_other_keys: bool
    ) -> None:
        """Tell of `models`, in the statuses that `settings` choose.

        With `has_other_keys` a key need not be the master key.
        """
        self._settings = settings
        self._models = models
        self._has_other_keys = has_other_keys

    def own_answer(self, actor: Actor, path: str) -> Answer:  # noqa: ARG002 - all see the same
        """Answer with the names of all models, aliases not among them.

        Codex wants `models`, others want `data`; an empty list makes Codex use its own (measured
        on 0.169).
        """
        if path != "/v1/models":
            raise self.route_not_supported("GET", path)
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": "system"}
            for name in self._models
        ]
        document = {"object": "list", "data": data, "models": []}
        return json_answer(200, document, "application/json")

    def answer_headers(self, notes: Notes) -> Mapping[str, str]:  # noqa: ARG002 - it tells none
        """Return nothing."""
        return _NONE

    def broken_off(self, event: bytes, message: str) -> bytes:  # noqa: ARG002 - said in the event
        """Return the `event` of the API alone."""
        return event

    def limit_key(self, headers: Mapping[str, str]) -> str:
        """Return the key, whether it is a good one or not."""
        return headers.get("Authorization", "")

    def guard(self, headers: Mapping[str, str]) -> None:
        """Refuse nothing."""

    def stripped(self, path: str) -> str:
        """Return `path` as it is."""
        return path

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the key of a request; raise `WireError` when there is none."""
        value = headers.get("Authorization", "")
        if not value:
            raise error(401, "Missing Authorization header")
        scheme, _, key = value.partition(" ")
        if scheme != "Bearer" or not key.strip():
            raise error(401, "Invalid Authorization header format")
        return Secret(key.strip())

    def no_credential(self, path: str) -> None:
        """Say nothing: a router behind this one may want no key."""

    def unauthorized(self, state: str) -> WireError:
        """Answer a key that is unknown or not good any more."""
        if not self._has_other_keys:
            return error(401, "Invalid master key")
        return error(*_KEY_STATES.get(state, (401, "Invalid token")))

    def authentication_away(self) -> WireError:
        """Answer a key that nobody can be asked about now."""
        return error(503, "Service Unavailable")

    def at_capacity(self) -> WireError:
        """Answer a request beyond the number that is served at a time."""
        return error(503, "Service Unavailable")

    def rate_limited(self) -> WireError:
        """Answer a request beyond the number that a key has in a second."""
        return error(429, "Rate limit exceeded", headers={"Retry-After": "1"})

    def provider_disabled(self, name: str, method: str, path: str) -> WireError:  # noqa: ARG002
        """Answer as for a path that does not exist: no path names a credential."""
        return self.route_not_supported(method, path)

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a route that does not exist, or not with this method."""
        if path in ("/v1/responses", "/v1/chat/completions", "/v1/models"):
            return error(405, "Method Not Allowed")
        return error(404, f"Not Found: {method} {path[:200]}")

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        headers = {"Upgrade": "HTTP/1.1", "Connection": "close"}
        return error(426, "Upgrade Required", headers=headers)

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit; what is left of it is not read."""
        return error(413, "Request Entity Too Large", headers={"Connection": "close"})

    def body_too_slow(self) -> WireError:
        """Answer a body that does not come to its end."""
        return error(408, "Request Timeout", headers={"Connection": "close"})

    def unreadable_body(self, path: str) -> WireError:  # noqa: ARG002 - one path is as another
        """Answer a body that is empty or not JSON: no model can be found in it."""
        return error(400, _NO_MODEL)

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        return error(400, "background requests are not supported")

    def denied(self, denial: Denial) -> WireError:
        """Answer a request that nobody is asked for."""
        settings = self._settings
        reason, message, headers = denial.reason, denial.message, {}
        if denial.retry_after:
            headers["Retry-After"] = str(denial.retry_after)
        if reason is Reason.MODEL_NOT_RECOGNIZED:
            status = settings.unknown_model_status
            if status != 404:
                message = f"No credentials available for model {denial.meta['model'][:200]}"
            return error(status, message)
        statuses = {
            Reason.MISSING_MODEL: 400,
            Reason.NO_PROVIDER: settings.all_banned_status,
            Reason.RATE_LIMITED: 429,
            Reason.POLICY_UNAVAILABLE: 503,
        }
        if reason is Reason.BUDGET_EXCEEDED:
            message = "Budget exceeded"
        told = 402 if reason.is_spent else statuses.get(reason, 403)
        return error(told, message, headers=headers)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return error(500, "Internal Server Error")

    def circuit_open(self, seconds: int) -> WireError:
        """Answer a request for what is left alone for `seconds`."""
        return error(503, "Service Unavailable", headers={"Retry-After": str(seconds)})

    def upstream_unreachable(
        self,
        message: str,  # noqa: ARG002 - the router does not tell where its services are
        notes: Notes,  # noqa: ARG002
        *,
        timed_out: bool = False,
    ) -> WireError:
        """Answer a bridged request whose last service did not answer."""
        return error(504, "Gateway Timeout") if timed_out else error(502, "Bad Gateway")

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request, of which there are none."""
        return error(502, "Bad Gateway")

    def shutting_down(self) -> WireError:
        """Answer a request that came after the gateway was told to stop."""
        return error(503, "Service Unavailable", headers={"Connection": "close"})

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return error(500, "Internal Server Error")
