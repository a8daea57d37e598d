"""What a conversation becomes: rounds, names of tools, sealed reasoning, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.gateway.translate.conversation import Call, Text, Thought
from provisioner.gateway.translate.dropped import Dropped
from provisioner.gateway.translate.leave_out import leave_out
from provisioner.gateway.translate.request_reader import read_request
from provisioner.gateway.translate.seal import seal, unseal
from provisioner.gateway.translate.tools import Toolbox


class Counted(dict[str, Any]):
    """An item that counts how often anybody looks at it."""

    looks = 0

    def get(self, key: str, default: Any = None) -> Any:
        Counted.looks += 1
        return super().get(key, default)


def looks_at(rounds: int) -> int:
    items: list[Any] = []
    for number in range(rounds):
        call = f"call_{number}"
        items += [
            Counted(type="message", role="user", content="go on"),
            Counted(type="reasoning", encrypted_content=seal("anthropic", {"type": "thinking"})),
            Counted(type="function_call", call_id=call, name="f", arguments="{}"),
            Counted(type="function_call", call_id=f"{call}b", name="f", arguments="{}"),
            Counted(type="function_call_output", call_id=f"{call}b", output="b"),
            Counted(type="function_call_output", call_id=call, output="a"),
        ]
    Counted.looks = 0
    asked = read_request({"model": "m", "input": items}, "anthropic", {})
    assert len(asked.rounds) == rounds + 1
    return Counted.looks


def test_each_item_of_a_long_conversation_costs_what_it_costs_in_a_short_one() -> None:
    assert looks_at(400) == 10 * looks_at(40)


def test_calls_stand_with_their_results_whatever_came_between() -> None:
    items = [
        {"role": "user", "content": "go"},
        {"type": "function_call_output", "call_id": "b", "output": "of b"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x": 1}'},
        {"type": "function_call", "call_id": "b", "name": "f", "arguments": ""},
        {"role": "user", "content": "hurry"},
        {"type": "function_call_output", "call_id": "a", "output": "of a"},
        {"role": "assistant", "content": "so"},
        {"type": "function_call_output", "call_id": "c", "output": "of nobody"},
    ]
    asked = read_request({"model": "m", "input": items}, "anthropic", {})

    first, second, third = asked.rounds
    calls = [Call("a", "f", {"x": 1}), Call("b", "f", {})]
    assert (first.model, first.user) == ([], [Text("go")])
    assert second.model == calls
    assert [(result.call, result.parts) for result in second.results] == [
        (calls[0], (Text("of a"),)),
        (calls[1], (Text("of b"),)),
    ]
    assert second.user == [Text("hurry")]
    assert (third.model, third.user) == ([Text("so")], [Text("Continue.")])
    assert asked.dropped.names() == ("input.output_without_call",)


def test_what_is_found_by_a_search_is_offered_from_then_on() -> None:
    crew = {"type": "namespace", "name": "crew", "tools": [{"type": "function", "name": "spawn"}]}
    items = [
        {"role": "user", "content": "go"},
        {"type": "tool_search_call", "call_id": "s", "arguments": {"query": "crew"}},
        {"type": "tool_search_output", "call_id": "s", "tools": [crew]},
        {
            "type": "function_call",
            "call_id": "c",
            "namespace": "crew",
            "name": "spawn",
            "arguments": "{}",
        },
    ]
    tools = [{"type": "tool_search", "execution": "client", "description": "d"}]
    asked = read_request({"model": "m", "input": items, "tools": tools}, "gemini", {})

    assert [tool.wire for tool in asked.tools] == ["tool_search", "crew__spawn"]
    found = asked.rounds[1].results[0]
    assert found.call == Call("s", "tool_search", {"query": "crew"})
    assert found.parts == (Text('{"now_available": ["crew__spawn"]}'),)
    assert asked.rounds[2].model == [Call("c", "crew__spawn", {})]


def test_only_what_a_service_sealed_itself_goes_back_to_it() -> None:
    content = {"signature": "s"}
    items = [
        {"type": "reasoning", "encrypted_content": seal("gemini", content)},
        {"type": "reasoning", "encrypted_content": "gAAAAAB"},
    ]

    own = read_request({"input": items}, "gemini", {})
    others = read_request({"input": items}, "vertex", {})

    assert own.rounds[1].model == [Thought(content)]
    assert len(others.rounds) == 1
    assert others.dropped.names() == ("input.reasoning",)


@pytest.mark.parametrize("sealed", ["prv1.", "prv1.e30=", "prv1.bnVsbA==", "prv1.ü", 3, None])
def test_nonsense_is_not_unsealed(sealed: object) -> None:
    assert unseal("gemini", sealed) is None


def test_names_of_tools_differ_and_are_found_again() -> None:
    tools = Toolbox(Dropped())
    offered = [
        ("", "a b"),
        ("", "a_b"),
        ("x", "y"),
        ("", "x__y"),
        ("", "9"),
        ("functions", "z"),
        ("", "n" * 90),
    ]
    for namespace, name in offered:
        tool = {"type": "function", "name": name}
        tools.add({"type": "namespace", "name": namespace, "tools": [tool]} if namespace else tool)

    names = [tools.wire(namespace, name) for namespace, name in offered]
    assert names[1:3] == ["a_b", "x__y"]
    assert names[5] == "z"
    assert len(set(names)) == len(offered)
    assert all(len(name) <= 64 for name in names)
    again = [tools.found(name) for name in names]
    assert [(tool.namespace, tool.name) for tool in again if tool] == offered


def test_what_a_service_refuses_is_left_out() -> None:
    dropped = Dropped()
    body = {"a": 1, "b": {"c": 2, "d": 3}, "e": "f"}

    leave_out(body, ("a", "b.c", "b.x", "e.f", "g.h.i"), dropped)

    assert body == {"b": {"d": 3}, "e": "f"}
    assert dropped.names() == ("leave_out.a", "leave_out.b.c")
