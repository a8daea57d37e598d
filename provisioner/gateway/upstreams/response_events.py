"""A finished answer in, the event stream that a model would have sent for it out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.gateway.upstreams.scripted_answer import ScriptedAnswer, in_deltas

__all__ = ["event_stream"]

_Event = tuple[str, dict[str, Any]]


def event_stream(answer: ScriptedAnswer) -> Iterator[bytes]:
    """Return the events of `answer`, one chunk each, from `response.created` to the end."""
    for number, (name, fields) in enumerate(_events(answer)):
        data = {"type": name, "sequence_number": number, **fields}
        yield f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _events(answer: ScriptedAnswer) -> Iterator[_Event]:
    opening = answer.opening()
    yield "response.created", {"response": opening}
    yield "response.in_progress", {"response": opening}
    for index, item in enumerate(answer.output):
        yield from _item_events(index, item)
    yield "response.completed", {"response": answer.response()}


def _item_events(index: int, item: Mapping[str, Any]) -> Iterator[_Event]:
    place = {"output_index": index}
    kind = item["type"]
    field = {
        "reasoning": "summary",
        "message": "content",
        "function_call": "arguments",
        "custom_tool_call": "input",
    }[kind]
    said = item[field]
    added = {**item, field: type(said)()}
    if "status" in item:
        added["status"] = "in_progress"
    yield "response.output_item.added", {**place, "item": added}
    here = {"item_id": item["id"], **place}
    if kind == "reasoning":
        yield from _reasoning_events(here, said[0])
    elif kind == "message":
        yield from _text_events(here, said[0])
    elif kind == "function_call":
        yield from _said("response.function_call_arguments", here, "arguments", said)
    else:
        yield from _said("response.custom_tool_call_input", here, "input", said)
    yield "response.output_item.done", {**place, "item": item}


def _reasoning_events(here: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[_Event]:
    here = {**here, "summary_index": 0}
    yield "response.reasoning_summary_part.added", {**here, "part": {**part, "text": ""}}
    yield from _said("response.reasoning_summary_text", here, "text", part["text"])
    yield "response.reasoning_summary_part.done", {**here, "part": part}


def _text_events(here: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[_Event]:
    here = {**here, "content_index": 0}
    yield "response.content_part.added", {**here, "part": {**part, "text": ""}}
    yield from _said("response.output_text", here, "text", part["text"])
    yield "response.content_part.done", {**here, "part": part}


def _said(name: str, here: Mapping[str, Any], field: str, text: str) -> Iterator[_Event]:
    for part in in_deltas(text):
        yield f"{name}.delta", {**here, "delta": part}
    yield f"{name}.done", {**here, field: text}
