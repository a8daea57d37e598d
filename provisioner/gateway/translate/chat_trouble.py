"""An error of a chat-completions server in, what is wrong out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_object, as_text
from provisioner.gateway.translate.trouble import Cause, Trouble, by_status, or_text

__all__ = ["chat_trouble"]

_CODES = {
    "context_length_exceeded": Cause.TOO_LONG,
    "insufficient_quota": Cause.QUOTA,
    "billing_hard_limit_reached": Cause.QUOTA,
    "invalid_api_key": Cause.UNAUTHORIZED,
    "model_not_found": Cause.NOT_FOUND,
    "rate_limit_exceeded": Cause.LIMITED,
    "server_is_overloaded": Cause.OVERLOADED,
}
# vLLM and others say it in words alone.
_TOO_LONG = re.compile(
    r"maximum context length|context length exceeded|context window", re.IGNORECASE
)


def chat_trouble(status: int, document: Mapping[str, Any], text: str) -> Trouble:
    """Return what an answer with `status` means; 200 is for an error within a stream.

    The error stands in `error` (OpenAI), in the document itself (vLLM) or in `detail` (FastAPI).
    """
    error = document.get("error")
    inner = as_object(error) or document
    message = as_text(inner.get("message")) or as_text(error) or as_text(inner.get("detail"))
    told = {as_text(inner.get("code")), as_text(inner.get("type"))}
    cause = next((cause for code, cause in _CODES.items() if code in told), None)
    if cause is None and status in (200, 400, 413, 422) and _TOO_LONG.search(message):
        cause = Cause.TOO_LONG
    number = inner.get("code")
    if status == 200 and type(number) is int:
        status = number
    return Trouble(cause or by_status(status), or_text(message, text, status))
