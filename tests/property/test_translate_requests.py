"""Whatever a client sends, what goes on is a request that the public API takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provisioner.gateway.translate.apis import APIS
from provisioner.gateway.translate.protocol import Limits
from provisioner.gateway.translate.request_reader import read_request
from provisioner.gateway.translate.seal import seal
from tests.support.api_rules import faults

IDS = st.sampled_from(["call_1", "call_2", "call_3", "a b", "", "ü"])
TEXTS = st.text(max_size=8)
NAMES = st.sampled_from(["exec_command", "apply_patch", "gone", "9 lives", "spawn_agent", "x" * 80])
NAMESPACES = st.sampled_from([{}, {"namespace": "functions"}, {"namespace": "multi_agent_v1"}])
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "original"}
PARTS = st.lists(
    st.one_of(
        st.builds(lambda text: {"type": "input_text", "text": text}, TEXTS),
        st.sampled_from([IMAGE, {"type": "input_file", "file_id": "f"}, {"type": 3}, {}]),
    ),
    max_size=3,
)
SEALS = {
    "anthropic": {"type": "thinking", "thinking": "t", "signature": "s"},
    "gemini": {"signature": "c2ln", "on_call": True},
    "vertex": {"signature": "c2ln", "on_call": False},
}
SEALED = st.sampled_from(
    [seal(by, content) for by, content in SEALS.items()] + ["gAAAA", "prv1.=", 7]
)


def _item(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


def _call(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    call = _item(kind, call_id=IDS, name=NAMES, **fields)
    return st.builds(lambda one, space: {**one, **space}, call, NAMESPACES)


ITEMS = st.lists(
    st.one_of(
        _item(
            "message",
            role=st.sampled_from(["user", "assistant", "developer", "system", "critic"]),
            content=st.one_of(TEXTS, PARTS, st.none()),
        ),
        _item("reasoning", summary=st.just([]), encrypted_content=SEALED),
        _call("function_call", arguments=st.sampled_from(["{}", '{"cmd": "ls"}', "{", "[]", ""])),
        _call("custom_tool_call", input=TEXTS),
        _item("tool_search_call", call_id=IDS, arguments=st.just({"query": "q"})),
        _item("function_call_output", call_id=IDS, output=st.one_of(TEXTS, PARTS, st.none())),
        _item("custom_tool_call_output", call_id=IDS, output=st.one_of(TEXTS, PARTS)),
        _item(
            "tool_search_output", call_id=IDS, tools=st.just([{"type": "function", "name": "late"}])
        ),
        st.sampled_from(
            [
                {"type": "web_search_call"},
                {"type": "compaction"},
                {},
                {"role": "user", "content": "hi"},
            ]
        ),
    ),
    max_size=12,
)
FUNCTION = {
    "type": "function",
    "name": "exec_command",
    "parameters": {"type": "object", "properties": {}},
}
TOOLS = st.lists(
    st.sampled_from(
        [
            FUNCTION,
            {"type": "function", "name": "9 lives", "description": "d", "strict": True},
            {
                "type": "custom",
                "name": "apply_patch",
                "format": {"syntax": "lark", "definition": "start: X"},
            },
            {
                "type": "namespace",
                "name": "multi_agent_v1",
                "tools": [{"type": "function", "name": "spawn_agent"}],
            },
            {"type": "namespace", "name": "functions", "tools": [FUNCTION]},
            {"type": "function", "name": "multi_agent_v1__spawn_agent"},
            {"type": "tool_search", "execution": "client", "parameters": {}},
            {"type": "web_search"},
            {"type": "function"},
        ]
    ),
    max_size=5,
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "instructions": TEXTS,
        "tool_choice": st.sampled_from(
            [
                "auto",
                "none",
                "required",
                {"type": "function", "name": "exec_command"},
                {"type": "web_search"},
            ]
        ),
        "parallel_tool_calls": st.booleans(),
        "reasoning": st.sampled_from(
            [
                None,
                {"effort": "none"},
                {"effort": "minimal"},
                {"effort": "xhigh", "summary": "auto"},
                {"summary": "auto"},
            ]
        ),
        "text": st.sampled_from(
            [
                {"verbosity": "low"},
                {"format": {"type": "json_object"}},
                {
                    "format": {
                        "type": "json_schema",
                        "name": "n",
                        "schema": {"type": "object"},
                        "strict": True,
                    }
                },
            ]
        ),
        "service_tier": st.sampled_from(["auto", "default", "flex", "priority"]),
        "prompt_cache_key": st.just("k"),
        "max_output_tokens": st.integers(1, 100_000),
        "temperature": st.sampled_from([0, 0.5, 2]),
        "top_p": st.just(0.5),
        "store": st.booleans(),
        "client_metadata": st.just({"a": "b"}),
    },
)
MODELS = st.sampled_from(
    [
        "gpt-5.5",
        "claude-sonnet-4-5",
        "claude-opus-4-8",
        "claude-3-5-haiku",
        "gemini-2.5-pro",
        "gemini-2.0-flash",
        "gemini-3-pro",
    ]
)


# The call that the signature stands on never came.
SIGNED_FOR_NOTHING = [
    {"type": "message", "role": "user", "content": "go on"},
    {
        "type": "reasoning",
        "summary": [],
        "encrypted_content": seal("gemini", {"signature": "c2ln", "on_call": True}),
    },
    {"type": "message", "role": "user", "content": "and on"},
]


@pytest.mark.parametrize("api", APIS)
@settings(deadline=None, max_examples=60)
@given(items=ITEMS, tools=TOOLS, options=OPTIONS, model=MODELS)
@example(items=[], tools=[], options={}, model="gpt-5.5")
@example(items=SIGNED_FOR_NOTHING, tools=[], options={}, model="gpt-5.5")
def test_any_items_in_any_order_become_a_request_that_is_taken(
    api: str, items: list[Any], tools: list[Any], options: Mapping[str, Any], model: str
) -> None:
    document = {"model": model, "input": items, "tools": tools, "stream": True, **options}

    asked = read_request(document, api, {})
    body = json.loads(json.dumps(APIS[api].write(asked, Limits()).body))

    assert faults(api, body) == []


@settings(deadline=None, max_examples=60)
@given(items=ITEMS, model=MODELS)
def test_a_prefix_of_a_conversation_stays_what_it_was(items: list[Any], model: str) -> None:
    """Else no cache of any service would find it."""
    asked = {"role": "user", "content": "go on"}
    short = [{"role": "user", "content": "start"}, *_answered(items)]

    def messages(source: list[Any]) -> list[Any]:
        read = read_request({"model": model, "input": source}, "openai-chat", {})
        found = APIS["openai-chat"].write(read, Limits()).body["messages"]
        assert isinstance(found, list)
        return found

    longer = messages([*short, asked, {"role": "assistant", "content": "well"}, asked])
    assert longer[: len(messages([*short, asked]))] == messages([*short, asked])


def _answered(items: list[Any]) -> list[Any]:
    """Return `items` without what only looks back: a later output changes an earlier round."""
    return [item for item in items if not str(item.get("type")).endswith("_output")]
