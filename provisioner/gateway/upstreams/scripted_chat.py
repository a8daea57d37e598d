"""A scripted answer in, the same answer as Chat Completions have it out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.upstreams.scripted_answer import CREATED_AT, ScriptedAnswer, in_deltas

__all__ = ["chat_completion", "chat_events", "chat_failure"]


def chat_completion(said: ScriptedAnswer) -> dict[str, Any]:
    """Return the whole answer."""
    calls = [_call(item) for item in said.calls]
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _reason(said)}
    return {**_head(said, "chat.completion"), "choices": [choice], "usage": _usage(said)}


def chat_events(said: ScriptedAnswer) -> Iterator[bytes]:
    """Return the events of the answer; the last chunk is the end and its mark."""
    yield _chunk(said, {"role": "assistant", "content": ""})
    for part in in_deltas(said.text):
        yield _chunk(said, {"content": part})
    for index, item in enumerate(said.calls):
        yield _chunk(said, {"tool_calls": [{"index": index, **_call(item)}]})
    yield _last(said, _reason(said))


def chat_failure(said: ScriptedAnswer, message: str | None) -> bytes:
    """Return what ends a stream with an error, or without a `message` for want of room."""
    if message is None:
        return _last(said, "length")
    return _data({"error": {"message": message, "type": "server_error", "code": None}})


def _last(said: ScriptedAnswer, reason: str) -> bytes:
    return _chunk(said, {}, finish_reason=reason, usage=_usage(said)) + b"data: [DONE]\n\n"


def _chunk(
    said: ScriptedAnswer,
    delta: Mapping[str, Any],
    *,
    finish_reason: str | None = None,
    **more: object,
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _data({**_head(said, "chat.completion.chunk"), "choices": [choice], **more})


def _data(document: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(document, separators=(',', ':'))}\n\n".encode()


def _head(said: ScriptedAnswer, kind: str) -> dict[str, Any]:
    number = said.response_id.replace("resp_", "chatcmpl-")
    return {"id": number, "object": kind, "created": CREATED_AT, "model": said.model}


def _reason(said: ScriptedAnswer) -> str:
    return "tool_calls" if said.calls else "stop"


def _call(item: Mapping[str, Any]) -> dict[str, Any]:
    if item["type"] == "custom_tool_call":
        tool = {"name": item["name"], "input": item["input"]}
        return {"id": item["call_id"], "type": "custom", "custom": tool}
    function = {"name": item["name"], "arguments": item["arguments"]}
    return {"id": item["call_id"], "type": "function", "function": function}


def _usage(said: ScriptedAnswer) -> dict[str, Any]:
    usage = said.usage
    return {
        "prompt_tokens": usage.input_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens": usage.output_tokens,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
