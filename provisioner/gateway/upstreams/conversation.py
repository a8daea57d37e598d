"""Where in a conversation a request is: its last user message, and the tool outputs since then."""

from __future__ import annotations

from provisioner.gateway.json_parts import as_mappings, as_text

__all__ = ["position"]

_TEXTS = ("input_text", "text")
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
        content = item.get("content")
        results = sum(part.get("type") == "tool_result" for part in as_mappings(content))
        if item.get("role") == "user" and not results:
            return _text(content), outputs
        outputs += results
        outputs += item.get("type") in _TOOL_OUTPUTS or item.get("role") == "tool"
    return "", outputs


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    texts = (part for part in as_mappings(content) if part.get("type") in _TEXTS)
    return "\n".join(as_text(part.get("text")) for part in texts)
