"""An answer of Coder's AI Gateway → which of the things it can say that is."""

from __future__ import annotations

import enum
import json

from provisioner.doctor.probe import Answer

__all__ = ["Said", "message_of", "said"]


class Said(enum.Enum):
    """What an answer means."""

    FINE = "fine"
    """2xx: the request was served."""
    NO_TOKEN = "no-token"  # noqa: S105 - a kind of answer
    """The gateway is there and saw no token."""
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - a kind of answer
    """The token is unknown or ended, or its user is not active."""
    BYOK_OFF = "byok-off"
    """The deployment does not take the user's own credential."""
    ROUTE_UNKNOWN = "route-unknown"
    """The gateway took the token and has no such provider or route."""
    PROVIDER_DISABLED = "provider-disabled"
    """The gateway took the token; an administrator switched the provider off."""
    NOT_LICENSED = "not-licensed"
    """coderd has the gateway and no licence for it."""
    NOT_MOUNTED = "not-mounted"
    """coderd has the gateway, and it is switched off."""
    NO_SUCH_PATH = "no-such-path"
    """coderd itself does not know the path."""
    OVER_BUDGET = "over-budget"
    """The gateway took the token; its user has spent what there was."""
    RATE_LIMITED = "rate-limited"
    """Too many requests; nothing else can be told."""
    CREDENTIAL_REFUSED = "credential-refused"
    """401, which Coder's gateway never says itself: the provider behind it refused."""
    PAGE = "page"
    """A page for a browser: something else answers in place of the gateway."""
    REDIRECT = "redirect"
    """Elsewhere."""
    OTHER = "other"
    """None of these."""


# Status and words of the body → meaning; the first that fits. From the code of the gateway.
_TABLE = (
    (400, "no authentication key provided", Said.NO_TOKEN),
    (403, "byok", Said.BYOK_OFF),
    (403, "premium feature", Said.NOT_LICENSED),
    (403, "ai budget", Said.OVER_BUDGET),
    (403, "unauthorized", Said.TOKEN_REFUSED),
    (404, "route not supported", Said.ROUTE_UNKNOWN),
    (404, "handler not mounted", Said.NOT_MOUNTED),
    (429, "", Said.RATE_LIMITED),
    (503, "provider_disabled", Said.PROVIDER_DISABLED),
    (401, "", Said.CREDENTIAL_REFUSED),
)


def said(answer: Answer) -> Said:
    """Return what `answer` means when it comes from a Coder deployment."""
    if answer.is_redirect:
        return Said.REDIRECT
    if answer.is_page:
        return Said.PAGE
    if 200 <= answer.status < 300:
        return Said.FINE
    body = answer.body.lower()
    for status, words, meaning in _TABLE:
        if answer.status == status and words in body:
            return meaning
    if answer.status == 404:
        # The gateway answers in plain text, coderd in JSON.
        return Said.NO_SUCH_PATH if message_of(answer) else Said.OTHER
    return Said.OTHER


def message_of(answer: Answer) -> str:
    """Return the message of a JSON error, in Coder's form or in OpenAI's."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    inner = error.get("message") if isinstance(error, dict) else error
    message = document.get("message") or inner
    return message if isinstance(message, str) else ""
