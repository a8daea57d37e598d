"""What the public APIs demand of a request: its shape, and the order of what it holds.

Shapes are JSON Schemas beside this file, after the published reference of each API; the order is
what they answer 400 to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema

__all__ = ["faults"]

_SHAPES = Path(__file__).parent / "api_shapes"
_VALIDATORS = {
    name: jsonschema.Draft202012Validator(json.loads((_SHAPES / f"{file}.json").read_text()))
    for name, file in (
        ("openai-chat", "chat"),
        ("anthropic", "anthropic"),
        ("gemini", "gemini"),
        ("vertex", "gemini"),
    )
}
Body = Mapping[str, Any]


def faults(api: str, body: Body) -> list[str]:
    """Return what `api` would refuse in the request `body`, nothing for a good one."""
    shape = [
        f"{error.json_path}: {error.message[:300]}" for error in _VALIDATORS[api].iter_errors(body)
    ]
    return shape or [fault for check in _CHECKS[api] for fault in check(body)]


def _chat_order(body: Body) -> Iterator[str]:
    waiting: list[str] = []
    for number, message in enumerate(body["messages"]):
        role = message["role"]
        if role == "tool":
            if message["tool_call_id"] not in waiting:
                yield f"messages[{number}]: no call waits for this result"
            else:
                waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            yield f"messages[{number}]: {waiting} have no result"
        waiting = [call["id"] for call in message.get("tool_calls", ())]
        if role == "system" and number:
            yield f"messages[{number}]: a system message must be the first"
        for call in message.get("tool_calls", ()):
            if not isinstance(json.loads(call["function"]["arguments"]), dict):
                yield f"messages[{number}]: arguments are not an object"
    roles = [message["role"] for message in body["messages"]]
    if any(one == other == "user" for one, other in pairwise(roles)):
        yield "two messages of the user in a row"
    if body["messages"][-1]["role"] not in ("user", "tool"):
        yield "the model was asked nothing"


def _alternation(roles: Sequence[str], model: str) -> Iterator[str]:
    if roles[0] != "user" or roles[-1] != "user":
        yield f"the first and the last role must be user: {roles}"
    if any(one == other for one, other in pairwise(roles)):
        yield f"roles do not alternate between user and {model}: {roles}"


def _anthropic_order(body: Body) -> Iterator[str]:
    messages = body["messages"]
    yield from _alternation([message["role"] for message in messages], "assistant")
    seen: set[str] = set()
    waiting: list[str] = []
    for number, message in enumerate(messages):
        kinds = [block["type"] for block in message["content"]]
        found = [
            block["tool_use_id"] for block in message["content"] if block["type"] == "tool_result"
        ]
        if sorted(found) != sorted(waiting):
            yield f"messages[{number}]: results {found} for calls {waiting}"
        if "tool_result" in kinds[len(found) :]:
            yield f"messages[{number}]: results must come first"
        waiting = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
        if seen & set(waiting) or len(set(waiting)) < len(waiting):
            yield f"messages[{number}]: a tool_use id is used twice"
        seen |= set(waiting)


def _anthropic_rest(body: Body) -> Iterator[str]:
    if json.dumps(body).count('"cache_control"') > 4:
        yield "more than four cache breakpoints"
    thinking = body.get("thinking", {})
    if thinking.get("budget_tokens", 0) >= body["max_tokens"]:
        yield "budget_tokens must be less than max_tokens"
    thinks = thinking.get("type") in ("enabled", "adaptive")
    if thinks and body.get("tool_choice", {}).get("type") in ("any", "tool"):
        yield "thinking cannot go with a forced tool"
    if "tool_choice" in body and "tools" not in body:
        yield "tool_choice without tools"
    names = [tool["name"] for tool in body.get("tools", ())]
    if len(set(names)) < len(names):
        yield "two tools have one name"
    if thinking.get("type") == "enabled" and "tools" in body:
        last = [message for message in body["messages"] if message["role"] == "assistant"][-1:]
        uses = last and any(block["type"] == "tool_use" for block in last[0]["content"])
        goes_on = body["messages"][-1]["content"][0]["type"] == "tool_result"
        if (
            uses
            and goes_on
            and last[0]["content"][0]["type"] not in ("thinking", "redacted_thinking")
        ):
            yield "a final assistant message must start with a thinking block"


def _gemini_order(body: Body) -> Iterator[str]:
    yield from _alternation([content["role"] for content in body["contents"]], "model")
    waiting: list[str] = []
    for number, content in enumerate(body["contents"]):
        found = [
            (part["functionResponse"].get("id"), part["functionResponse"]["name"])
            for part in content["parts"]
            if "functionResponse" in part
        ]
        if found != waiting:
            yield f"contents[{number}]: responses {found} for calls {waiting}"
        waiting = [
            (part["functionCall"].get("id"), part["functionCall"]["name"])
            for part in content["parts"]
            if "functionCall" in part
        ]


_CHECKS: Mapping[str, Sequence[Callable[[Body], Iterator[str]]]] = {
    "openai-chat": (_chat_order,),
    "anthropic": (_anthropic_order, _anthropic_rest),
    "gemini": (_gemini_order,),
    "vertex": (_gemini_order,),
}
