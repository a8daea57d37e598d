"""The items of a request's `input` in, rounds out, in the order that every service insists on.

Each call stands in one round with its result, and results stand in the order of the calls,
whatever came between them. Every item is looked at twice, however long the conversation is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioner.gateway.json_parts import as_mappings, as_object, as_text
from provisioner.gateway.translate.content import parts, texts
from provisioner.gateway.translate.conversation import Call, Image, Result, Round, Text, Thought
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.seal import unseal
from provisioner.gateway.translate.tools import FREE_TEXT, Toolbox

__all__ = ["History"]

_CALLS = ("function_call", "custom_tool_call", "tool_search_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output", "tool_search_output")
_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")
# As Codex says it of a call that was stopped.
_NO_RESULT = Text("aborted")
_EMPTY = Text("(no output)")
_NOTHING_SAID = Text("Continue.")


class History:
    """Reads the items of one request; `system` and `rounds` hold them then."""

    def __init__(self, service: str, tools: Toolbox, dropped: Dropped) -> None:
        """Read for the upstream `service`, whose sealed reasoning alone goes back to it."""
        self._service = service
        self._tools = tools
        self._dropped = dropped
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._called: set[str] = set()
        self._open: dict[str, Call] = {}
        self._answered = False
        self.system: list[str] = []
        self.rounds: list[Round] = [Round()]
        self._readers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "message": self._message,
            "reasoning": self._reasoning,
            **dict.fromkeys(_CALLS, self._call),
            **dict.fromkeys(_OUTPUTS, self._output),
        }

    def read(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Read all `items`, once."""
        calls = {_number(item) for item in items if item.get("type") in _CALLS}
        for item in items:
            if item.get("type") in _OUTPUTS:
                self._index(item, calls)
        for item in items:
            kind = as_text(item.get("type")) or "message"
            reader = self._readers.get(kind)
            if reader is not None:
                reader(item)
            elif kind != "additional_tools":
                self._dropped.add(f"input.{kind}")
        self._close()
        for bare in (self.rounds[0], self.rounds[-1]):
            if not bare.results and not bare.user:
                bare.user.append(_NOTHING_SAID)

    def _index(self, item: Mapping[str, Any], calls: set[str]) -> None:
        if _number(item) not in calls:
            # Nobody could tell what it is the output of.
            self._dropped.add("input.output_without_call")
            return
        self._outputs.setdefault(_number(item), item)
        if item.get("type") == "tool_search_output":
            for tool in as_mappings(item.get("tools")):
                self._tools.add(tool)

    def _message(self, item: Mapping[str, Any]) -> None:
        role, content = as_text(item.get("role")), item.get("content")
        if role == "assistant":
            for text in texts(content, self._dropped):
                self._speaking().model.append(Text(text))
        elif role == "user":
            self._say(list(parts(content, self._dropped)))
        elif role in ("developer", "system"):
            self._direct(list(texts(content, self._dropped)))
        else:
            self._dropped.add("input.role")

    def _direct(self, said: list[str]) -> None:
        """Keep apart what comes before all else; later words of the developer keep their place.

        So the prefix stays what it was in the request before, and can be cached.
        """
        if len(self.rounds) == 1 and not self.rounds[0].user:
            self.system += said
        elif said:
            text = "\n\n".join(said)
            self._say([Text(f"<developer>\n{text}\n</developer>")])

    def _say(self, said: list[Text | Image]) -> None:
        if said:
            self._close()
            self.rounds[-1].user += said

    def _reasoning(self, item: Mapping[str, Any]) -> None:
        content = unseal(self._service, item.get("encrypted_content"))
        if content is None:
            self._dropped.add("input.reasoning")
        else:
            self._speaking().model.append(Thought(content))

    def _call(self, item: Mapping[str, Any]) -> None:
        number = _number(item)
        if number in self._called:
            # A service that sees a number twice refuses the request.
            self._dropped.add("input.repeated_call")
            return
        kind = item.get("type")
        name = "tool_search" if kind == "tool_search_call" else as_text(item.get("name"))
        wire = self._tools.wire(as_text(item.get("namespace")), name)
        call = Call(_id(number), wire, _arguments(item))
        self._speaking().model.append(call)
        self._called.add(number)
        self._open[number] = call

    def _output(self, item: Mapping[str, Any]) -> None:
        # What the model says after a result, it says in another round.
        self._answered = self._answered or _number(item) in self._open

    def _speaking(self) -> Round:
        """Return the round that the model speaks in."""
        current = self.rounds[-1]
        if self._answered or current.user or len(self.rounds) == 1:
            self._close()
            self.rounds.append(Round())
        return self.rounds[-1]

    def _close(self) -> None:
        """Put the results of the calls in the last round into it."""
        for number, call in self._open.items():
            output = self._outputs.get(number)
            found = (_NO_RESULT,) if output is None else self._found(output)
            self.rounds[-1].results.append(Result(call, found))
        self._open = {}
        self._answered = False

    def _found(self, output: Mapping[str, Any]) -> tuple[Text | Image, ...]:
        if output.get("type") == "tool_search_output":
            names = [tool.wire for tool in self._tools.offered(output.get("tools"))]
            return (Text(json.dumps({"now_available": names})),)
        content = output.get("output")
        if not isinstance(content, str | list):
            content = json.dumps(content)
        return tuple(parts(content, self._dropped)) or (_EMPTY,)


def _number(item: Mapping[str, Any]) -> str:
    return as_text(item.get("call_id"))


def _id(number: str) -> str:
    """Return `number` in letters that every service takes."""
    plain = _NOT_IN_IDS.sub("_", number)
    if plain and plain == number:
        return plain
    return f"{plain}_{hashlib.sha256(number.encode(errors='replace')).hexdigest()[:8]}"


def _arguments(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a call as the object that a service insists on."""
    if item.get("type") == "custom_tool_call":
        return {FREE_TEXT: as_text(item.get("input"))}
    raw = item.get("arguments")
    if not isinstance(raw, str):
        return as_object(raw)
    try:
        found = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"arguments": raw}
