"""An answer that was relayed in, the record of how its interception ended out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from provisioner.gateway.record.model import (
    InterceptionEnd,
    ModelThought,
    Outcome,
    PromptUsage,
    TokenUsage,
    ToolUsage,
)
from provisioner.gateway.responses_api import ResponseFacts

__all__ = ["Ending", "end"]

# Larger counts are nonsense and do not fit every database.
_MAX_COUNT = 2**53


class Ending(Struct):
    """How an exchange goes, filled in as it goes: status sent, outcome and reason."""

    outcome: Outcome = Outcome.FAILED
    status: int | None = None
    error: str = ""


def end(
    interception_id: str, now: datetime, ending: Ending, prompt: str | None, facts: ResponseFacts
) -> InterceptionEnd:
    """Return the record of how the interception ended `now` and what its answer held.

    Without a response id nothing was said, so the prompt is not recorded.
    """
    msg_id = facts.response_id
    prompts = (PromptUsage(msg_id, prompt, now),) if msg_id and prompt is not None else ()
    return InterceptionEnd(
        id=interception_id,
        ended_at=now,
        outcome=ending.outcome,
        status=ending.status,
        error=ending.error,
        token_usage=(_token_usage(msg_id, facts.usage, now),) if facts.usage else (),
        prompts=prompts,
        tools=tuple(_tools(facts, now)),
        thoughts=tuple(_thoughts(facts, now)),
    )


def _token_usage(msg_id: str, usage: Mapping[str, Any], now: datetime) -> TokenUsage:
    cached = _count(usage.get("input_tokens_details"), "cached_tokens")
    return TokenUsage(
        msg_id=msg_id,
        input=max(_count(usage, "input_tokens") - cached, 0),
        output=_count(usage, "output_tokens"),
        cache_read=cached,
        output_reasoning=_count(usage.get("output_tokens_details"), "reasoning_tokens"),
        total=_count(usage, "total_tokens"),
        created_at=now,
    )


def _tools(facts: ResponseFacts, now: datetime) -> Iterator[ToolUsage]:
    for item in facts.items:
        if item.get("type") == "function_call":
            args_json = _arguments_json(_text(item.get("arguments")))
        elif item.get("type") == "custom_tool_call":
            args_json = json.dumps(_text(item.get("input")))
        else:
            continue
        yield ToolUsage(
            msg_id=facts.response_id,
            tool=_text(item.get("name")),
            tool_call_id=_text(item.get("call_id")),
            args_json=args_json,
            created_at=now,
        )


def _thoughts(facts: ResponseFacts, now: datetime) -> Iterator[ModelThought]:
    for item in facts.items:
        if item.get("type") == "reasoning":
            texts, source = _texts(item.get("summary")), "reasoning_summary"
        elif item.get("type") == "message" and item.get("phase") == "commentary":
            texts, source = _texts(item.get("content")), "commentary"
        elif item.get("type") == "thinking":
            texts, source = _texts([{"text": item.get("thinking")}]), "thinking"
        else:
            continue
        for text in texts:
            yield ModelThought(text, source, now)


def _arguments_json(raw: str) -> str:
    """Return `raw` if it is JSON, else JSON that holds `raw` as text."""
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return json.dumps(raw)
    return raw


def _texts(parts: object) -> list[str]:
    entries = parts if isinstance(parts, list) else []
    texts = (_text(entry.get("text")) for entry in entries if isinstance(entry, dict))
    return [text for text in texts if text]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(container: object, name: str) -> int:
    value = container.get(name) if isinstance(container, dict) else None
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else 0
