"""What a model says in a test, and how each API would stream it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ENCODERS", "Said", "Turn", "call", "say", "think"]

Said = tuple[str, Any]
Event = Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """What a model says in answer to one request, and the tokens it is charged for."""

    said: Sequence[Said]
    read: int = 100
    cached: int = 40
    wrote: int = 20
    thought: int = 5
    stop: str = ""
    calls: list[Said] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", [one for one in self.said if one[0] == "call"])


def say(text: str) -> Said:
    return ("say", text)


def think(text: str, signature: str = "c2lnbmVk") -> Said:
    return ("think", (text, signature))


def call(name: str, /, **arguments: Any) -> Said:
    return ("call", (name, arguments))


def pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), 7):
        yield text[start : start + 7]


def sse(events: Sequence[Event], *, named: bool = False) -> bytes:
    lines = []
    for event in events:
        name = f"event: {event['type']}\n" if named else ""
        lines.append(f"{name}data: {json.dumps(event)}\n\n")
    return "".join(lines).encode()


def chat_stream(turn: Turn, number: int) -> bytes:
    head = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m-1",
    }

    def chunk(delta: Event, finish: str | None = None) -> Event:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    events = [chunk({"role": "assistant", "content": ""})]
    index = 0
    for kind, what in turn.said:
        if kind == "say":
            events += [chunk({"content": piece}) for piece in pieces(what)]
        elif kind == "think":
            events += [chunk({"reasoning_content": piece}) for piece in pieces(what[0])]
        else:
            start = {"index": index, "id": f"call_{number}_{index}", "type": "function"}
            function = {"name": what[0], "arguments": ""}
            events.append(chunk({"tool_calls": [{**start, "function": function}]}))
            for piece in pieces(json.dumps(what[1])):
                more = {"index": index, "function": {"arguments": piece}}
                events.append(chunk({"tool_calls": [more]}))
            index += 1
    events.append(chunk({}, turn.stop or ("tool_calls" if turn.calls else "stop")))
    usage = {
        "prompt_tokens": turn.read,
        "completion_tokens": turn.wrote,
        "total_tokens": turn.read + turn.wrote,
        "prompt_tokens_details": {"cached_tokens": turn.cached},
        "completion_tokens_details": {"reasoning_tokens": turn.thought},
    }
    return sse([*events, {**head, "choices": [], "usage": usage}]) + b"data: [DONE]\n\n"


def anthropic_stream(turn: Turn, number: int) -> bytes:
    usage = {
        "input_tokens": turn.read - turn.cached,
        "cache_read_input_tokens": turn.cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": 1,
    }
    message = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    events: list[Event] = [{"type": "message_start", "message": message}, {"type": "ping"}]
    for index, (kind, what) in enumerate(turn.said):
        block, deltas = _anthropic_block(kind, what, f"toolu_{number}_{index}")
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [
            {"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas
        ]
        events.append({"type": "content_block_stop", "index": index})
    stop = turn.stop or ("tool_use" if turn.calls else "end_turn")
    said = {"output_tokens": turn.wrote, "output_tokens_details": {"thinking_tokens": turn.thought}}
    delta = {"stop_reason": stop, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": said})
    return sse([*events, {"type": "message_stop"}], named=True)


def _anthropic_block(kind: str, what: Any, number: str) -> tuple[Event, list[Event]]:
    if kind == "say":
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces(what)]
        return {"type": "text", "text": ""}, deltas
    if kind == "redacted":
        return {"type": "redacted_thinking", "data": what}, []
    if kind == "think":
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(what[0])]
        sign = {"type": "signature_delta", "signature": what[1]}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, sign]
    start = {"type": "tool_use", "id": number, "name": what[0], "input": {}}
    texts = ["", *pieces(json.dumps(what[1]))]
    return start, [{"type": "input_json_delta", "partial_json": piece} for piece in texts]


def gemini_stream(turn: Turn, number: int) -> bytes:
    parts: list[Event] = []
    signature = ""
    for kind, what in turn.said:
        if kind == "say":
            parts += [{"text": piece} for piece in pieces(what)]
        elif kind == "think":
            parts += [{"text": piece, "thought": True} for piece in pieces(what[0])]
            signature = what[1]
        else:
            signed = {"thoughtSignature": signature} if signature else {}
            parts.append({"functionCall": {"name": what[0], "args": what[1]}, **signed})
            signature = ""
    if signature:
        parts.append({"text": "", "thoughtSignature": signature})
    usage = {
        "promptTokenCount": turn.read,
        "cachedContentTokenCount": turn.cached,
        "candidatesTokenCount": turn.wrote - turn.thought,
        "thoughtsTokenCount": turn.thought,
        "totalTokenCount": turn.read + turn.wrote,
    }
    events = [
        {
            "candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}],
            "modelVersion": "gemini-x",
            "responseId": f"r{number}",
        }
        for part in parts
    ]
    last = {
        "content": {"role": "model", "parts": []},
        "finishReason": turn.stop or "STOP",
        "index": 0,
    }
    return sse(
        [*events, {"candidates": [last], "usageMetadata": usage, "modelVersion": "gemini-x"}]
    )


ENCODERS: Mapping[str, Callable[[Turn, int], bytes]] = {
    "openai-chat": chat_stream,
    "anthropic": anthropic_stream,
    "gemini": gemini_stream,
    "vertex": gemini_stream,
}
