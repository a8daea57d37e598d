"""A model's sealed reasoning as Codex keeps it: opaque text that comes back with the next request.

Codex stores `encrypted_content` and sends it back unchanged (measured on 0.122 to 0.169). What one
service signed means nothing to another, so the text says whose it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["seal", "unseal"]

_MARK = "prv1."


def seal(service: str, content: Mapping[str, Any]) -> str:
    """Return `content`, a JSON object of the upstream `service`, as one word of ASCII."""
    text = json.dumps({"by": service, "content": content}, separators=(",", ":"))
    return _MARK + base64.urlsafe_b64encode(text.encode()).decode()


def unseal(service: str, sealed: object) -> Mapping[str, Any] | None:
    """Return what `service` sealed; None for what anybody else did, and for nonsense."""
    if not isinstance(sealed, str) or not sealed.startswith(_MARK):
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(sealed.removeprefix(_MARK)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("by") != service:
        return None
    content = found.get("content")
    return content if isinstance(content, dict) else None
