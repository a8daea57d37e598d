"""What is read from the bodies of the Responses API, and what becomes of it in records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.gateway.interception import Ending, end
from provisioner.gateway.record.model import InterceptionEnd, Outcome
from provisioner.gateway.responses_api import ResponseReader, request_facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 60},
    "output_tokens": 30,
    "output_tokens_details": {"reasoning_tokens": 10},
    "total_tokens": 130,
}


def text(*parts: str) -> list[dict[str, str]]:
    return [{"type": "input_text", "text": part} for part in parts]


@pytest.mark.parametrize(
    ("source", "prompt", "call_id"),
    [
        ("hello", "hello", None),
        ([{"role": "user", "content": "hello"}], "hello", None),
        ([{"role": "user", "content": [*text("a", "b"), {"type": "input_image"}]}], "a\nb", None),
        ([{"role": "user", "content": "a"}, {"role": "developer", "content": "b"}], None, None),
        (
            [{"role": "user", "content": "a"}, {"type": "function_call_output", "call_id": "c1"}],
            None,
            "c1",
        ),
        ([{"type": "custom_tool_call_output", "call_id": "c1"}], None, None),
        ([{"type": "function_call_output", "call_id": 7}], None, None),
        ([{"role": "user", "content": 7}], "", None),
        (["odd"], None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_prompt_and_correlating_call(
    source: object, prompt: str | None, call_id: str | None
) -> None:
    facts = request_facts({"input": source})

    assert facts.prompt == prompt
    assert facts.correlating_tool_call_id == call_id


def test_only_true_is_true() -> None:
    assert request_facts({"stream": 1, "background": "yes", "model": 7}) == request_facts({})
    assert request_facts({"stream": True}).stream
    assert request_facts({"background": True}).background


def recorded(reader: ResponseReader, prompt: str | None = "hello") -> InterceptionEnd:
    return end("i1", NOW, Ending(Outcome.COMPLETED, 200), prompt, reader.facts())


def stream(*events: dict[str, Any]) -> ResponseReader:
    reader = ResponseReader()
    for event in events:
        reader.feed(f"data: {json.dumps(event)}\n\n".encode())
    return reader


ITEMS = [
    {"type": "reasoning", "summary": [{"text": "think"}, {"text": ""}, {"text": "more"}, "odd"]},
    {"type": "message", "phase": "commentary", "content": [{"type": "output_text", "text": "now"}]},
    {"type": "message", "content": [{"type": "output_text", "text": "the answer"}]},
    {"type": "function_call", "name": "f", "call_id": "c1", "arguments": '{"a": [1]}'},
    {"type": "function_call", "name": "g", "call_id": "c2", "arguments": "not json"},
    {"type": "custom_tool_call", "name": "h", "call_id": "c3", "input": "raw"},
    {"type": "web_search_call"},
]


def assert_complete(record: InterceptionEnd) -> None:
    (usage,) = record.token_usage
    assert (usage.msg_id, usage.input, usage.cache_read, usage.output) == ("r1", 40, 60, 30)
    assert (usage.output_reasoning, usage.total) == (10, 130)
    assert [(t.content, t.source) for t in record.thoughts] == [
        ("think", "reasoning_summary"),
        ("more", "reasoning_summary"),
        ("now", "commentary"),
    ]
    assert [(t.tool, t.tool_call_id, t.args) for t in record.tools] == [
        ("f", "c1", {"a": [1]}),
        ("g", "c2", "not json"),
        ("h", "c3", "raw"),
    ]
    assert [(p.msg_id, p.prompt) for p in record.prompts] == [("r1", "hello")]
    assert "the answer" not in str(record)


def test_a_stream_with_items_on_the_way() -> None:
    done = [{"type": "response.output_item.done", "item": item} for item in ITEMS]
    response = {"id": "r1", "usage": USAGE, "output": []}
    reader = stream(*done, {"type": "response.completed", "response": response})

    assert reader.facts().error == ""
    assert_complete(recorded(reader))


def test_a_stream_with_items_at_the_end_only() -> None:
    response = {"id": "r1", "usage": USAGE, "output": ITEMS}

    assert_complete(recorded(stream({"type": "response.completed", "response": response})))


def test_a_whole_body() -> None:
    reader = ResponseReader()
    body = {"id": "r1", "status": "completed", "usage": USAGE, "output": ITEMS}
    reader.read(json.dumps(body).encode())

    assert reader.facts().error == ""
    assert_complete(recorded(reader))


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"type": "response.failed", "response": {"error": {"code": "c"}}}, "response.failed: c"),
        ({"type": "response.failed", "response": {}}, "response.failed"),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max"}}},
            "response.incomplete: max",
        ),
        ({"type": "error", "message": "x"}, "stream closed before response.completed"),
        (
            {"type": "response.output_text.delta", "delta": '"response.completed"'},
            "stream closed before response.completed",
        ),
    ],
)
def test_streams_that_do_not_complete(event: dict[str, Any], error: str) -> None:
    assert stream(event).facts().error == error


def test_usage_counts_only_when_completed() -> None:
    response = {"id": "r1", "status": "incomplete", "usage": USAGE}
    record = recorded(stream({"type": "response.incomplete", "response": response}))

    assert record.token_usage == ()
    assert len(record.prompts) == 1


def test_the_id_of_a_broken_stream_comes_from_its_start() -> None:
    record = recorded(stream({"type": "response.created", "response": {"id": "r1"}}))

    assert [prompt.msg_id for prompt in record.prompts] == ["r1"]


def test_without_an_id_there_is_no_prompt() -> None:
    assert recorded(stream({"type": "response.completed", "response": {}})).prompts == ()


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"status":"failed"}', b"\xff", b"[" * 5000]
)
def test_odd_bodies_are_failures(body: bytes) -> None:
    reader = ResponseReader()
    reader.read(body)

    assert reader.facts().error


@pytest.mark.parametrize("count", [-1, 1.5, True, "7", None, 2**60, {}])
def test_odd_counts_are_zero(count: object) -> None:
    usage = {"input_tokens": count, "output_tokens": 1, "input_tokens_details": 7}
    record = recorded(
        stream({"type": "response.completed", "response": {"id": "r", "usage": usage}})
    )

    assert (record.token_usage[0].input, record.token_usage[0].output) == (0, 1)


def test_all_of_an_end_has_the_time_of_the_end() -> None:
    done = {"type": "response.completed", "response": {"id": "r", "usage": USAGE}}
    found = recorded(stream(done), "hello")

    assert found.ended_at == found.token_usage[0].created_at == found.prompts[0].created_at == NOW
