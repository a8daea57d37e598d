"""What goes wrong behind, in the words of OpenAI's API and so that Codex does the right thing.

How Codex takes each (measured on 0.122 to 0.169): a context that is too long, an empty account and
a refused prompt end the turn with a message of their own; a busy model and a limit are tried again.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

__all__ = ["Cause", "Trouble", "by_status", "or_text"]

_LONGEST_TEXT = 500


class Cause(enum.Enum):
    """Why there is no answer: status, type and code of OpenAI's API."""

    INVALID = (400, "invalid_request_error", "invalid_prompt")
    TOO_LONG = (400, "invalid_request_error", "context_length_exceeded")
    UNAUTHORIZED = (401, "authentication_error", "invalid_api_key")
    FORBIDDEN = (403, "permission_error", "permission_denied")
    NOT_FOUND = (404, "invalid_request_error", "model_not_found")
    TOO_LARGE = (413, "invalid_request_error", "request_too_large")
    QUOTA = (429, "insufficient_quota", "insufficient_quota")
    LIMITED = (429, "rate_limit_error", "rate_limit_exceeded")
    SERVER = (500, "server_error", "server_error")
    BROKEN = (502, "server_error", "server_error")
    OVERLOADED = (503, "server_error", "server_is_overloaded")
    TIMEOUT = (504, "server_error", "upstream_timeout")

    @property
    def status(self) -> int:
        """Which HTTP status says it."""
        return self.value[0]

    @property
    def code(self) -> str:
        """Which code says it, in an error and in `response.failed`."""
        return self.value[2]


class Trouble(Struct, frozen=True):
    """A cause, the service's own message, and when to come back (seconds, empty for unknown)."""

    cause: Cause
    message: str
    retry_after: str = ""

    @property
    def is_told_in_stream(self) -> bool:
        """Whether a client that wants a stream learns it there.

        Of this status 400 Codex would show the raw body; as an event it knows what to do.
        """
        return self.cause is Cause.TOO_LONG

    def later(self, retry_after: str) -> Trouble:
        """Return the same with when to come back, if that was not said."""
        return replace(self, retry_after=self.retry_after or retry_after)

    def envelope(self) -> bytes:
        """Return OpenAI's error body."""
        _, kind, code = self.cause.value
        error = {"message": self.message, "type": kind, "param": None, "code": code}
        return json.dumps({"error": error}, separators=(",", ":")).encode()

    def error(self) -> Mapping[str, Any]:
        """Return the `error` of a failed response.

        Codex waits for as long as the message of a limit says, if it does.
        """
        message = self.message
        if self.cause is Cause.LIMITED and self.retry_after:
            message = f"{message} Please try again in {self.retry_after}s."
        return {"code": self.cause.code, "message": message}


_BY_STATUS = {
    402: Cause.QUOTA,
    408: Cause.TIMEOUT,
    529: Cause.OVERLOADED,
    **{cause.status: cause for cause in Cause if cause not in (Cause.TOO_LONG, Cause.QUOTA)},
}


def by_status(status: int) -> Cause:
    """Return the cause that an HTTP `status` alone tells."""
    known = _BY_STATUS.get(status)
    if known is None:
        known = Cause.INVALID if 400 <= status < 500 else Cause.SERVER
    return known


def or_text(message: str, text: str, status: int) -> str:
    """Return `message`, or else the start of the `text` of an error that has none."""
    words = " ".join(text.split())[:_LONGEST_TEXT]
    return message or words or f"the upstream answered with status {status}"
