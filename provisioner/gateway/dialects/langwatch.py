"""Speaks as LangWatch's AI gateway: virtual keys, models that choose providers, its errors.

Source: its pages, and langwatch/langwatch 6ce6cbb where they are silent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from provisioner.gateway.actor import Actor
from provisioner.gateway.body import BODY_LIMIT
from provisioner.gateway.dialects.by_key import ByKey
from provisioner.gateway.dialects.langwatch_errors import denied_error, error, timeout_code
from provisioner.gateway.dialects.langwatch_headers import answer_headers, key_of
from provisioner.gateway.dialects.langwatch_models import list_answer, model_answer
from provisioner.gateway.langwatch_config import LangWatchConfig
from provisioner.gateway.notes import Notes
from provisioner.gateway.policy.denial import Denial, Reason
from provisioner.gateway.policy.listing import listed_models
from provisioner.gateway.policy.models import Offer
from provisioner.gateway.wire import Answer, WireError
from provisioner.redact import Secret

__all__ = ["LangWatchDialect"]

_NO_KEY = (
    "missing API key; supply Authorization: Bearer <key>, x-api-key, x-goog-api-key, "
    "or xi-api-key header"
)
_KEY_STATES = ("revoked", "disabled", "expired")


class LangWatchDialect(ByKey):
    """One base URL for all providers; the key says what it may have of them."""

    by_model = True
    passed_headers = ("Retry-After",)

    def __init__(self, settings: LangWatchConfig, offers: Sequence[Offer]) -> None:
        """Tell of `offers`, in the words that `settings` choose."""
        self._settings = settings
        self._offers = offers

    def own_answer(self, actor: Actor, path: str) -> Answer:
        """Answer with the models of the key, or with one of them."""
        models = listed_models(self._offers, actor.policy)
        wanted = path.removeprefix("/v1/models").removeprefix("/")
        answer = model_answer(models, wanted) if wanted else list_answer(models)
        if answer is None:
            raise error(404, "not_found", f"no such model: {wanted[:100]}")
        return answer

    def answer_headers(self, notes: Notes) -> Mapping[str, str]:
        """Return the headers that say who answered, and how."""
        return answer_headers(notes, self._settings)

    def broken_off(self, event: bytes, message: str) -> bytes:
        """Return LangWatch's last event, then the API's own: Codex reads only the latter."""
        told = {
            "type": "upstream_mid_stream_failure",
            "code": "upstream_mid_stream_failure",
            "message": message,
        }
        data = json.dumps({"type": "error", "error": told}, separators=(",", ":"))
        own = f"event: error\ndata: {data}\n\n".encode()
        # Anthropic's clients end at the first error.
        return own if event.startswith(b"event: error") else own + event

    def limit_key(self, headers: Mapping[str, str]) -> str:
        """Return the key, whether it is a good one or not."""
        return key_of(headers)

    def guard(self, headers: Mapping[str, str]) -> None:
        """Raise `WireError` for a WebSocket and for a body that says it is too large."""
        if headers.get("Upgrade", "").lower() == "websocket":
            raise self.websocket_refused()
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > BODY_LIMIT:
            raise self.body_too_large()

    def stripped(self, path: str) -> str:
        """Return `path` as it is."""
        return path

    def token(self, headers: Mapping[str, str]) -> Secret:
        """Return the key of a request; raise `WireError` when there is none."""
        value = key_of(headers)
        if not value:
            raise error(401, "invalid_api_key", _NO_KEY)
        return Secret(value)

    def no_credential(self, path: str) -> None:
        """Say nothing: a provider without a key is not asked."""

    def unauthorized(self, state: str) -> WireError:
        """Answer a key that is unknown or not good any more."""
        if state in _KEY_STATES:
            return error(403, f"virtual_key_{state}", f"this virtual key is {state}")
        return error(401, "invalid_api_key", "invalid API key")

    def authentication_away(self) -> WireError:
        """Answer a key that nobody can be asked about now."""
        return error(503, "auth_upstream_unavailable", "the key cannot be checked now")

    def at_capacity(self) -> WireError:
        """Answer a request beyond the number that is served at a time; LangWatch has no such."""
        return error(503, "overloaded", "too many requests at a time")

    def rate_limited(self) -> WireError:
        """Answer a request beyond the number that a key has in a second."""
        denial = Denial(
            Reason.RATE_LIMITED, "too many requests a second", {"dimension": "rps"}, retry_after=1
        )
        return self.denied(denial)

    def provider_disabled(self, name: str, method: str, path: str) -> WireError:  # noqa: ARG002
        """Answer as for a path that does not exist: no path names a provider."""
        return self.route_not_supported(method, path)

    def route_not_supported(self, method: str, path: str) -> WireError:
        """Answer a route that does not exist."""
        return error(404, "not_found", f"unknown route: {method} {path[:200]}")

    def websocket_refused(self) -> WireError:
        """Answer a WebSocket handshake so that Codex falls back to HTTP at once."""
        headers = {"Upgrade": "HTTP/1.1", "Connection": "close"}
        return error(426, "bad_request", "there are no WebSockets; use HTTP", headers=headers)

    def body_too_large(self) -> WireError:
        """Answer a body beyond the limit; what is left of it is not read."""
        message = "the request body is larger than 32 MiB"
        return error(413, "payload_too_large", message, headers={"Connection": "close"})

    def body_too_slow(self) -> WireError:
        """Answer a body that does not come to its end."""
        message = "the request body did not arrive in time"
        return error(408, "bad_request", message, headers={"Connection": "close"})

    def unreadable_body(self, path: str) -> WireError:  # noqa: ARG002 - one path is as another
        """Answer a body that is empty or not JSON."""
        return error(400, "bad_request", "the request body is not a JSON object")

    def background_refused(self) -> WireError:
        """Answer `background: true`."""
        return error(400, "unsupported_parameter", "background requests are not supported")

    def denied(self, denial: Denial) -> WireError:
        """Answer a request that policy refuses."""
        return denied_error(denial, self._settings)

    def not_recorded(self) -> WireError:
        """Answer a request whose interception could not be stored."""
        return error(500, "internal_error", "the request could not be recorded")

    def circuit_open(self, seconds: int) -> WireError:
        """Answer a request for what is left alone for `seconds`."""
        message = "the provider failed again and again and is left alone"
        return error(503, "circuit_open", message, headers={"Retry-After": str(seconds)})

    def upstream_unreachable(
        self, message: str, notes: Notes, *, timed_out: bool = False
    ) -> WireError:
        """Answer a bridged request whose last provider did not answer."""
        if notes.failed and not notes.told:
            count = notes.failed + 1
            return error(502, "chain_exhausted", f"none of {count} providers answered: {message}")
        if timed_out:
            return error(504, timeout_code(self._settings), message)
        return error(502, "provider_error", message)

    def upstream_proxy_error(self) -> WireError:
        """Answer a passthrough request, of which there are none."""
        return error(502, "provider_error", "the provider did not answer")

    def shutting_down(self) -> WireError:
        """Answer a request that came after the gateway was told to stop."""
        refused = error(503, "overloaded", "the gateway is being stopped")
        return refused.with_headers({"Connection": "close"})

    def internal_error(self) -> WireError:
        """Answer a request that hit a defect of the gateway; nothing about it is told."""
        return error(500, "internal_error", "internal server error")
