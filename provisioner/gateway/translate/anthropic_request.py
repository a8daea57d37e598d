"""What is asked in, the body of a Messages request out.

Shape: Anthropic's published API. It refuses empty text, roles that do not alternate, and results
that do not stand right behind their calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.gateway.translate.anthropic_thinking import thinking
from provisioner.gateway.translate.conversation import (
    Asked,
    Call,
    Choice,
    Image,
    Result,
    Round,
    Text,
    Thought,
)
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.protocol import Limits, Written
from provisioner.gateway.translate.tools import Tool
from provisioner.knowledge.upstream_models import upstream_model

__all__ = ["write_messages"]

_HEADERS = {"anthropic-version": "2023-06-01"}
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_TIERS = {"auto": "auto", "priority": "auto", "fast": "auto", "default": "standard_only"}
_MARK = {"type": "ephemeral"}
# The last two turns of the user: what was written to the cache by the request before is found by
# the next one even if many results lie between.
_MARKED_TURNS = 2

_Block = dict[str, Any]


def write_messages(asked: Asked, limits: Limits) -> Written:
    """Return the request for `asked`; its answer is always a stream."""
    wishes, dropped = asked.wishes, asked.dropped
    known = upstream_model("anthropic", asked.model).max_output_tokens
    body: dict[str, Any] = {
        "model": asked.model,
        "max_tokens": wishes.max_output_tokens or limits.max_output_tokens or known,
        "messages": _messages(asked),
        "stream": True,
    }
    if asked.system:
        body["system"] = [{"type": "text", "text": text} for text in asked.system]
    if len(asked.tools):
        body["tools"] = [_tool(tool, dropped) for tool in asked.tools]
        body["tool_choice"] = _choice(wishes.choice, wishes.parallel)
    body |= thinking(asked, body["max_tokens"])
    body |= _service_tier(wishes.service_tier, dropped)
    if wishes.format is not None:
        body |= _format(wishes.format, body, dropped)
    for name, value in (("temperature", wishes.temperature), ("top_p", wishes.top_p)):
        if value is not None:
            # Models since 4.7 take neither, and the published API has lost both.
            dropped.add(name)
    if wishes.verbosity is not None:
        dropped.add("text.verbosity")
    if wishes.cache_key is not None:
        _mark(body)
    return Written("/v1/messages", body, headers=_HEADERS)


def _tool(tool: Tool, dropped: Dropped) -> _Block:
    if tool.strict:
        # Only some models take it, and it changes nothing that Codex needs.
        dropped.add("tools.strict")
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.wire, **described, "input_schema": tool.schema}


def _choice(choice: Choice, parallel: bool | None) -> _Block:  # noqa: FBT001 - as it was asked
    if choice.mode == "none":
        return {"type": "none"}
    kinds = {"auto": "auto", "required": "any", "one": "tool"}
    alone = {"disable_parallel_tool_use": True} if parallel is False else {}
    named = {"name": choice.name} if choice.mode == "one" else {}
    return {"type": kinds[choice.mode], **named, **alone}


def _service_tier(tier: str | None, dropped: Dropped) -> _Block:
    if tier is None:
        return {}
    if tier not in _TIERS:
        dropped.add("service_tier")
        return {}
    return {"service_tier": _TIERS[tier]}


def _format(form: Mapping[str, Any], body: _Block, dropped: Dropped) -> _Block:
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        dropped.add("text.format")
        return {}
    own = {"type": "json_schema", "schema": form["schema"]}
    return {"output_config": {**body.get("output_config", {}), "format": own}}


def _mark(body: _Block) -> None:
    """Mark what the next request will begin with: tools and system, and the conversation so far."""
    if "system" in body:
        body["system"][-1]["cache_control"] = _MARK
    turns = [message for message in body["messages"] if message["role"] == "user"]
    for message in turns[-_MARKED_TURNS:]:
        message["content"][-1]["cache_control"] = _MARK


def _messages(asked: Asked) -> list[_Block]:
    messages: list[_Block] = []
    for one in asked.rounds:
        said = list(_said(one))
        if said:
            messages.append({"role": "assistant", "content": said})
        heard = [_result(result, asked.dropped) for result in one.results]
        heard += _parts(one.user, asked.dropped)
        messages.append({"role": "user", "content": heard})
    return messages


def _said(one: Round) -> Iterator[_Block]:
    for part in one.model:
        if isinstance(part, Text):
            yield {"type": "text", "text": part.text}
        elif isinstance(part, Call):
            yield {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
        elif isinstance(part, Thought):
            yield dict(part.content)


def _result(result: Result, dropped: Dropped) -> _Block:
    content = _parts(result.parts, dropped)
    return {"type": "tool_result", "tool_use_id": result.call.id, "content": content}


def _parts(parts: Sequence[Text | Image], dropped: Dropped) -> list[_Block]:
    return [_part(part, dropped) for part in parts]


def _part(part: Text | Image, dropped: Dropped) -> _Block:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if part.detail:
        dropped.add("input_image.detail")
    if part.url:
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    if part.media_type not in _IMAGES:
        dropped.add("input_image.type")
        return {"type": "text", "text": f"(an image of type {part.media_type})"}
    data = {"type": "base64", "media_type": part.media_type, "data": part.data}
    return {"type": "image", "source": data}
