"""Where in a conversation a request is: its last user message, and the tool outputs since then."""

from __future__ import annotations

from provisioner.gateway.responses_api import message_text

__all__ = ["position"]

_TOOL_OUTPUTS = ("function_call_output", "custom_tool_call_output")


def position(source: object) -> tuple[str, int]:
    """Return the last user message of `source` and how many tool outputs came after it.

    `source` is the `input` of the Responses API or the `messages` of other APIs.
    """
    if isinstance(source, str):
        return source, 0
    outputs = 0
    for item in reversed(source if isinstance(source, list) else []):
        if not isinstance(item, dict):
            continue
        if item.get("role") == "user":
            return message_text(item), outputs
        outputs += item.get("type") in _TOOL_OUTPUTS or item.get("role") == "tool"
    return "", outputs
