"""A script and a request in, the answer to it as Responses API objects out.

The same request always gets the same answer: nothing here is random or reads the clock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.gateway.upstreams.conversation import position
from provisioner.gateway.upstreams.offered_tools import command_call
from provisioner.gateway.upstreams.protocol import UpstreamRequest
from provisioner.gateway.upstreams.script import PROMPT_MARK, Script, ToolCall, Turn, Usage

__all__ = ["CREATED_AT", "ScriptedAnswer", "answer", "due_turn", "in_deltas"]

CREATED_AT = 1_750_000_000
"""When every answer was made, in seconds since 1970."""

_DELTA_CHARACTERS = 24
_QUOTED_CHARACTERS = 80
# Codex compacts its history by itself when usage grows, which would upset a script.
_MAX_DERIVED_TOKENS = 500


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """A finished answer: its id, model, output items and usage."""

    response_id: str
    model: str
    output: tuple[Mapping[str, Any], ...]
    usage: Usage

    @property
    def text(self) -> str:
        """What the message says."""
        return "".join(item["content"][0]["text"] for item in self._of("message"))

    @property
    def reasoning(self) -> str:
        """What the model thought."""
        return "".join(item["summary"][0]["text"] for item in self._of("reasoning"))

    @property
    def calls(self) -> tuple[Mapping[str, Any], ...]:
        """The items that are tool calls."""
        return self._of("function_call", "custom_tool_call")

    def _of(self, *kinds: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(item for item in self.output if item["type"] in kinds)

    def response(self) -> dict[str, Any]:
        """Return the response object as it is once all is said."""
        usage = self.usage
        return {
            **self.opening(),
            "status": "completed",
            "output": list(self.output),
            "usage": {
                "input_tokens": usage.input_tokens,
                "input_tokens_details": {"cached_tokens": usage.cached_tokens},
                "output_tokens": usage.output_tokens,
                "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
                "total_tokens": usage.input_tokens + usage.output_tokens,
            },
        }

    def opening(self) -> dict[str, Any]:
        """Return the response object as it is before anything is said."""
        return {
            "id": self.response_id,
            "object": "response",
            "created_at": CREATED_AT,
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": self.model,
            "output": [],
            "usage": None,
        }


def answer(turn: Turn, request: UpstreamRequest) -> ScriptedAnswer:
    """Answer `request` with `turn`."""
    document = request.document
    prompt, _ = position(document.get("input", document.get("messages")))
    calls = (command_call(c.run, document) if c.run else c for c in turn.tool_call)
    turn = turn.model_copy(update={"tool_call": tuple(calls)})
    seed = hashlib.sha256(request.body).hexdigest()
    text = turn.text.replace(PROMPT_MARK, _shortened(prompt))
    model = document.get("model")
    return ScriptedAnswer(
        response_id=f"resp_{seed[:32]}",
        model=model if isinstance(model, str) else "",
        output=tuple(_items(turn, text, seed)),
        usage=turn.usage or _derived_usage(prompt, turn, text),
    )


def in_deltas(text: str) -> Iterator[str]:
    """Yield `text` in the pieces that a stream brings it in."""
    for start in range(0, len(text), _DELTA_CHARACTERS):
        yield text[start : start + _DELTA_CHARACTERS]


def due_turn(script: Script, outputs: int) -> Turn:
    """Return the turn that is due once `outputs` tool calls were answered.

    Past the end the last turn is repeated without its tool calls, so that no client loops.
    """
    for turn in script.turn:
        if outputs < len(turn.tool_call) or not turn.tool_call:
            return turn
        outputs -= len(turn.tool_call)
    last = script.turn[-1]
    text = last.text or "The script has no more turns."
    return last.model_copy(update={"text": text, "tool_call": (), "failure": None})


def _items(turn: Turn, text: str, seed: str) -> Iterator[Mapping[str, Any]]:
    if turn.reasoning:
        summary = [{"type": "summary_text", "text": turn.reasoning}]
        yield {"id": f"rs_{seed[:24]}", "type": "reasoning", "summary": summary}
    if text:
        part = {"type": "output_text", "text": text, "annotations": []}
        yield {
            "id": f"msg_{seed[:24]}",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [part],
        }
    for number, call in enumerate(turn.tool_call):
        yield _call_item(call, f"{seed[:24]}{number}")


def _call_item(call: ToolCall, seed: str) -> Mapping[str, Any]:
    shared = {"status": "completed", "call_id": f"call_{seed}", "name": call.name}
    if call.kind == "custom":
        return {"id": f"ctc_{seed}", "type": "custom_tool_call", **shared, "input": call.input}
    arguments = json.dumps(call.arguments)
    return {"id": f"fc_{seed}", "type": "function_call", **shared, "arguments": arguments}


def _derived_usage(prompt: str, turn: Turn, text: str) -> Usage:
    reasoning = _tokens(turn.reasoning)
    calls = sum(_tokens(call.input or json.dumps(call.arguments)) for call in turn.tool_call)
    return Usage.model_construct(
        input_tokens=min(_tokens(prompt), _MAX_DERIVED_TOKENS),
        output_tokens=min(reasoning + _tokens(text) + calls, _MAX_DERIVED_TOKENS),
        cached_tokens=0,
        reasoning_tokens=min(reasoning, _MAX_DERIVED_TOKENS),
    )


def _tokens(text: str) -> int:
    """Return a plausible token count: four characters each, rounded up."""
    return -(-len(text) // 4)


def _shortened(prompt: str) -> str:
    words = " ".join(prompt.split())
    return words if len(words) <= _QUOTED_CHARACTERS else f"{words[:_QUOTED_CHARACTERS]}..."
