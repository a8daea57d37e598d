"""What is asked in, the body of a Chat Completions request out.

Shape: OpenAI's published API. Other servers know less of it: the configuration's `leave_out` says
what one refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.gateway.translate.conversation import (
    Asked,
    Call,
    Choice,
    Image,
    Result,
    Round,
    Text,
    Wishes,
)
from provisioner.gateway.translate.protocol import Limits, Written
from provisioner.gateway.translate.tools import Tool

__all__ = ["write_chat"]

_Parts = Sequence[Text | Image]


def write_chat(asked: Asked, limits: Limits) -> Written:
    """Return the request for `asked`; its answer is always a stream, with usage at its end."""
    body: dict[str, Any] = {
        "model": asked.model,
        "messages": list(_messages(asked)),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_wished(asked.wishes, limits),
    }
    if len(asked.tools):
        body["tools"] = [_tool(tool) for tool in asked.tools]
        body["tool_choice"] = _choice(asked.wishes.choice)
        if asked.wishes.parallel is not None:
            body["parallel_tool_calls"] = asked.wishes.parallel
    if asked.wishes.summary:
        asked.dropped.add("reasoning.summary")
    return Written("/chat/completions", body)


def _wished(wishes: Wishes, limits: Limits) -> dict[str, Any]:
    wanted = {
        "max_completion_tokens": wishes.max_output_tokens or limits.max_output_tokens,
        "reasoning_effort": wishes.effort or None,
        "verbosity": wishes.verbosity,
        "response_format": _format(wishes.format) if wishes.format else None,
        "service_tier": wishes.service_tier,
        "prompt_cache_key": wishes.cache_key,
        "temperature": wishes.temperature,
        "top_p": wishes.top_p,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _format(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the output format, whose schema the Responses API has one level higher."""
    if form.get("type") != "json_schema":
        return form
    schema = {name: value for name, value in form.items() if name != "type" and value is not None}
    return {"type": "json_schema", "json_schema": schema}


def _tool(tool: Tool) -> Mapping[str, Any]:
    function = {"name": tool.wire, "description": tool.description, "parameters": tool.schema}
    return {
        "type": "function",
        "function": {**function, **({"strict": True} if tool.strict else {})},
    }


def _choice(choice: Choice) -> object:
    if choice.mode == "one":
        return {"type": "function", "function": {"name": choice.name}}
    return choice.mode


def _messages(asked: Asked) -> Iterator[Mapping[str, Any]]:
    # Servers of other makers know no role `developer`, and want one system message at most.
    if asked.system:
        yield {"role": "system", "content": "\n\n".join(asked.system)}
    for one in asked.rounds:
        if one.model:
            yield _said(one)
        for result in one.results:
            yield _result(result)
        beside = list(_beside(one.results))
        if beside or one.user:
            yield {"role": "user", "content": _content([*beside, *one.user])}


def _said(one: Round) -> Mapping[str, Any]:
    text = "\n\n".join(part.text for part in one.model if isinstance(part, Text))
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    calls = [_call(part) for part in one.model if isinstance(part, Call)]
    return {**message, "tool_calls": calls} if calls else message


def _call(call: Call) -> Mapping[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _result(result: Result) -> Mapping[str, Any]:
    texts = [part.text for part in result.parts if isinstance(part, Text)]
    if len(texts) < len(result.parts):
        texts.append("(images: in the next message of the user)")
    return {"role": "tool", "tool_call_id": result.call.id, "content": "\n".join(texts)}


def _beside(results: Sequence[Result]) -> Iterator[Text | Image]:
    """Yield the images of `results`: a tool message holds text alone."""
    for result in results:
        images = [part for part in result.parts if isinstance(part, Image)]
        if images:
            yield Text(f"(images of the tool call {result.call.id})")
            yield from images


def _content(parts: _Parts) -> object:
    """Return plain text where that will do: not every server knows parts."""
    if all(isinstance(part, Text) for part in parts):
        return "\n\n".join(part.text for part in parts if isinstance(part, Text))
    return [_part(part) for part in parts]


def _part(part: Text | Image) -> Mapping[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    url = part.url or f"data:{part.media_type};base64,{part.data}"
    # Codex asks for images as they are; this API has no word for that.
    known = part.detail if part.detail in ("", "auto", "low") else "high"
    detail = {"detail": known} if known else {}
    return {"type": "image_url", "image_url": {"url": url, **detail}}
