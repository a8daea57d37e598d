"""The body of a Responses request in, what it asks for out, whatever service will answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.translate.conversation import Asked, Choice, Wishes
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.history import History
from provisioner.gateway.translate.tools import Toolbox

__all__ = ["UntranslatableError", "read_request"]

# Read below; or true of every answer: nothing is stored, and sealed reasoning is always included.
_READ = frozenset(
    {
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "service_tier",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
    }
)
_OF_REASONING = ("effort", "summary")
_OF_TEXT = ("verbosity", "format")
# What the answer would be wrong without, so that the request is refused.
_REFUSED = {
    "previous_response_id": "responses are not stored, so send the whole conversation",
    "conversation": "conversations are not stored, so send the whole conversation",
    "prompt": "stored prompts are OpenAI's own",
}
_REFUSED_ITEMS = {
    "compaction_trigger": (
        "this upstream cannot compact a conversation; Codex asks for it when the `name` of its "
        'model provider is "OpenAI", so choose another one'
    ),
    "item_reference": "items are not stored, so send them whole",
}


class UntranslatableError(Exception):
    """The request cannot be answered by the upstream; the message is told to the client."""


def read_request(document: Mapping[str, Any], service: str, models: Mapping[str, str]) -> Asked:
    """Read the request body `document` for the upstream `service`.

    `models` says what the service calls the models that clients name; others keep their names.
    Raises `UntranslatableError`.
    """
    items = _items(document)
    dropped = Dropped()
    for name, value in document.items():
        if name not in _READ and value not in (None, False, "disabled"):
            dropped.add(name)
    tools = Toolbox(dropped)
    for tool in as_mappings(document.get("tools")):
        tools.add(tool)
    for item in items:
        if item.get("type") == "additional_tools":
            for tool in as_mappings(item.get("tools")):
                tools.add(tool)
    history = History(service, tools, dropped)
    instructions = as_text(document.get("instructions"))
    history.system += [instructions] if instructions else []
    history.read(items)
    named = as_text(document.get("model"))
    return Asked(
        model=models.get(named, named),
        system=tuple(history.system),
        rounds=tuple(history.rounds),
        tools=tools,
        wishes=_wishes(document, tools, dropped),
        dropped=dropped,
    )


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for name, reason in _REFUSED.items():
        if document.get(name) is not None:
            raise UntranslatableError(f"`{name}` cannot be used with this upstream: {reason}")
    source = document.get("input")
    if isinstance(source, str):
        return [{"type": "message", "role": "user", "content": source}]
    items = list(as_mappings(source))
    for item in items:
        reason = _REFUSED_ITEMS.get(as_text(item.get("type")), "")
        if reason:
            raise UntranslatableError(reason)
    return items


def _wishes(document: Mapping[str, Any], tools: Toolbox, dropped: Dropped) -> Wishes:
    reasoning, text = as_object(document.get("reasoning")), as_object(document.get("text"))
    for place, said, read in (("reasoning", reasoning, _OF_REASONING), ("text", text, _OF_TEXT)):
        for name, value in said.items():
            if name not in read and value is not None:
                dropped.add(f"{place}.{name}")
    form = as_object(text.get("format"))
    return Wishes(
        choice=_choice(document.get("tool_choice"), tools, dropped),
        parallel=_flag(document.get("parallel_tool_calls")),
        effort=as_text(reasoning.get("effort")) if reasoning else None,
        summary=as_text(reasoning.get("summary")) not in ("", "none"),
        verbosity=as_text(text.get("verbosity")) or None,
        format=form if form.get("type", "text") != "text" else None,
        service_tier=as_text(document.get("service_tier")) or None,
        cache_key=as_text(document.get("prompt_cache_key")) or None,
        max_output_tokens=_whole(document.get("max_output_tokens")),
        temperature=_number(document.get("temperature")),
        top_p=_number(document.get("top_p")),
    )


def _choice(chosen: object, tools: Toolbox, dropped: Dropped) -> Choice:
    if not len(tools):
        return Choice("none")
    if not isinstance(chosen, dict):
        return Choice(chosen if chosen in ("none", "required") else "auto")
    kind, name = as_text(chosen.get("type")), as_text(chosen.get("name"))
    wire = tools.wire(as_text(chosen.get("namespace")), name)
    if kind in ("function", "custom") and tools.found(wire) is not None:
        return Choice("one", wire)
    dropped.add(f"tool_choice.{kind}")
    return Choice("required" if chosen.get("mode") == "required" else "auto")


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
