"""A scripted answer in, the same answer as the Messages API has it out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.upstreams.scripted_answer import ScriptedAnswer, in_deltas

__all__ = ["message", "message_events", "message_failure"]

# Which kind of delta brings which field of a block.
_DELTAS = {"thinking": ("thinking_delta", "thinking"), "text": ("text_delta", "text")}


def message(said: ScriptedAnswer) -> dict[str, Any]:
    """Return the whole answer."""
    return {**_opening(said), "content": list(_blocks(said)), "stop_reason": _reason(said)}


def message_events(said: ScriptedAnswer) -> Iterator[bytes]:
    """Return the events of the answer; the last chunk is its end with the usage."""
    yield _event("message_start", message=_opening(said))
    for index, block in enumerate(_blocks(said)):
        yield from _block_events(index, block)
    yield _last(said, _reason(said))


def message_failure(said: ScriptedAnswer, message: str | None) -> bytes:
    """Return what ends a stream with an error, or without a `message` for want of room."""
    if message is None:
        return _last(said, "max_tokens")
    return _event("error", error={"type": "api_error", "message": message})


def _last(said: ScriptedAnswer, reason: str) -> bytes:
    ending = {"stop_reason": reason, "stop_sequence": None}
    usage = {"output_tokens": said.usage.output_tokens}
    return _event("message_delta", delta=ending, usage=usage) + _event("message_stop")


def _block_events(index: int, block: Mapping[str, Any]) -> Iterator[bytes]:
    kind = block["type"]
    if kind == "tool_use":
        empty: dict[str, Any] = {"input": {}}
        said, name, field = json.dumps(block["input"]), "input_json_delta", "partial_json"
    else:
        name, field = _DELTAS[kind]
        said, empty = block[field], {field: ""}
    yield _event("content_block_start", index=index, content_block={**block, **empty})
    for part in in_deltas(said):
        yield _event("content_block_delta", index=index, delta={"type": name, field: part})
    yield _event("content_block_stop", index=index)


def _blocks(said: ScriptedAnswer) -> Iterator[dict[str, Any]]:
    if said.reasoning:
        yield {"type": "thinking", "thinking": said.reasoning, "signature": ""}
    if said.text:
        yield {"type": "text", "text": said.text}
    for item in said.calls:
        # There are no tools with free-form input.
        custom = item["type"] == "custom_tool_call"
        given = {"input": item["input"]} if custom else json.loads(item["arguments"])
        yield {"type": "tool_use", "id": item["call_id"], "name": item["name"], "input": given}


def _opening(said: ScriptedAnswer) -> dict[str, Any]:
    usage = said.usage
    return {
        "id": said.response_id.replace("resp_", "msg_"),
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.input_tokens - usage.cached_tokens,
            "cache_read_input_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
        },
    }


def _reason(said: ScriptedAnswer) -> str:
    return "tool_use" if said.calls else "end_turn"


def _event(kind: str, **fields: object) -> bytes:
    data = json.dumps({"type": kind, **fields}, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()
