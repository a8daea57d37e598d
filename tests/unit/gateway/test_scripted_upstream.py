"""Scripts, and the answers that are made of them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.gateway.sse import EventStreamParser
from provisioner.gateway.upstreams.protocol import UpstreamRequest, UpstreamResponse
from provisioner.gateway.upstreams.script import BUILT_IN, Script, ToolCall, Turn, read_script
from provisioner.gateway.upstreams.scripted import ScriptedUpstream

OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "ok"}
CUSTOM_OUTPUT = {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"}
USER = {"role": "user", "content": "do it"}
LOOP = Script(
    turn=(
        Turn(text="one", tool_call=(ToolCall(name="a"), ToolCall(name="b"))),
        Turn(text="two", tool_call=(ToolCall(name="c", kind="custom", input="x"),)),
        Turn(text="three"),
    )
)


def request(source: object, *, stream: bool = False, **more: object) -> UpstreamRequest:
    document = {"model": "m", "input": source, "stream": stream, **more}
    body = json.dumps(document).encode()
    return UpstreamRequest("POST", "/responses", "", {}, None, body, document)


async def read(response: UpstreamResponse) -> bytes:
    return b"".join([chunk async for chunk in response.body])


def said(script: Script, asked: UpstreamRequest) -> bytes:
    async def ask() -> bytes:
        return await read(await ScriptedUpstream(script).open(asked))

    return asyncio.run(ask())


def texts(script: Script, source: object) -> list[str]:
    output = json.loads(said(script, request(source)))["output"]
    return [
        item["content"][0]["text"] if item["type"] == "message" else item["name"] for item in output
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("do it", ["one", "a", "b"]),
        ([USER], ["one", "a", "b"]),
        ([USER, OUTPUT], ["one", "a", "b"]),
        ([USER, OUTPUT, OUTPUT], ["two", "c"]),
        ([USER, OUTPUT, OUTPUT, CUSTOM_OUTPUT], ["three"]),
        ([USER, OUTPUT, OUTPUT, CUSTOM_OUTPUT, OUTPUT], ["three"]),
        ([USER, OUTPUT, OUTPUT, USER], ["one", "a", "b"]),
        ([{"role": "developer", "content": "x"}, "odd", 7], ["one", "a", "b"]),
        ([], ["one", "a", "b"]),
        (None, ["one", "a", "b"]),
    ],
)
def test_the_turn_follows_from_the_tool_outputs(source: object, expected: list[str]) -> None:
    assert texts(LOOP, source) == expected


def test_past_the_end_the_last_turn_comes_without_its_calls() -> None:
    endless = Script(turn=(Turn(tool_call=(ToolCall(name="a"),)),))
    spoken = Script(turn=(Turn(text="hm", tool_call=(ToolCall(name="a"),)),))

    assert texts(endless, [USER, OUTPUT]) == ["The script has no more turns."]
    assert texts(spoken, [USER, OUTPUT, OUTPUT]) == ["hm"]


def test_the_built_in_script_quotes_the_prompt_shortened() -> None:
    (text,) = texts(BUILT_IN, "say\n  hi " + "x" * 200)

    assert f'"say hi {"x" * 73}..."' in text


def test_the_same_request_gets_the_same_bytes() -> None:
    asked = request([USER], stream=True)

    assert said(LOOP, asked) == said(LOOP, asked)
    assert said(LOOP, asked) != said(LOOP, request([USER], stream=True, prompt_cache_key="other"))


def test_the_stream_says_what_the_document_says() -> None:
    script = Script(
        turn=(
            Turn(
                reasoning="r" * 60,
                text="t" * 60 + " \N{GRINNING FACE} \ud83d",
                tool_call=(
                    ToolCall(name="f", arguments={"cmd": "x" * 60}),
                    ToolCall(name="c", kind="custom", input="y" * 60),
                ),
            ),
        )
    )
    events = [
        (event.name.decode(), json.loads(event.data))
        for event in EventStreamParser().feed(said(script, request([USER], stream=True)))
    ]
    names = [name for name, _ in events]
    final = events[-1][1]["response"]

    assert all(data["type"] == name for name, data in events)
    assert [data["sequence_number"] for _, data in events] == list(range(len(events)))
    assert names[:2] == ["response.created", "response.in_progress"]
    assert names[-1] == "response.completed"
    assert [data["item"] for name, data in events if name.endswith("item.done")] == final["output"]
    assert deltas(events, "response.output_text") == final["output"][1]["content"][0]["text"]
    assert deltas(events, "response.reasoning_summary_text") == "r" * 60
    assert json.loads(deltas(events, "response.function_call_arguments")) == {"cmd": "x" * 60}
    assert deltas(events, "response.custom_tool_call_input") == "y" * 60
    assert (
        final["usage"]["total_tokens"]
        == final["usage"]["input_tokens"] + final["usage"]["output_tokens"]
    )
    assert events[0][1]["response"]["id"] == final["id"]


def deltas(events: list[tuple[str, dict[str, Any]]], name: str) -> str:
    return "".join(data["delta"] for kind, data in events if kind == f"{name}.delta")


def test_routes_it_does_not_play() -> None:
    async def ask(method: str, path: str) -> tuple[int, bytes]:
        answer = await ScriptedUpstream(LOOP).open(UpstreamRequest(method, path, "", {}, None, b""))
        return answer.status, await read(answer)

    assert asyncio.run(ask("GET", "/models"))[0] == 200
    status, body = asyncio.run(ask("DELETE", "/models"))
    assert status == 404
    assert "DELETE /models" in json.loads(body)["error"]["message"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "turn: field required"),
        ("turn = []", "turn: tuple should have at least 1 item"),
        ("[[turn]]", "turn[1]: a turn needs `text`, `reasoning`, a `tool_call` or a `failure`"),
        ('[[turn]]\ntxet = "x"', "turn[1].txet: unknown key"),
        ('[[turn]]\ntext = "a"\n[[turn]]\ntext = "b"', "turn[2] is never reached"),
        ("[[turn]]\n[[turn.tool_call]]\nargs = {}", "turn[1].tool_call[1].args: unknown key"),
        (
            '[[turn]]\n[[turn.tool_call]]\nname = "a"\nkind = "x"',
            "turn[1].tool_call[1].kind: input should be",
        ),
        (
            '[[turn]]\n[[turn.tool_call]]\nname = "a"\nkind = "custom"',
            'a call of kind "custom" has `input`',
        ),
        (
            '[[turn]]\n[[turn.tool_call]]\nname = "a"\ninput = "x"',
            '`input` is for calls of kind "custom"',
        ),
        (
            '[[turn]]\n[[turn.tool_call]]\nname = "a"\narguments = { at = 2026-01-01 }',
            "cannot be written as JSON",
        ),
        (
            '[[turn]]\n[[turn.tool_call]]\nname = "a"\narguments = { n = nan }',
            "cannot be written as JSON",
        ),
        (
            '[[turn]]\ntext = "a"\n[turn.usage]\ninput_tokens = 1',
            "turn[1].usage.output_tokens: field required",
        ),
        (
            '[[turn]]\ntext = "a"\n[turn.usage]\ninput_tokens = -1\noutput_tokens = 1',
            "turn[1].usage.input_tokens",
        ),
        (
            '[[turn]]\ntext = "a"\nusage = { input_tokens = 1, cached_tokens = 2, output_tokens = 1 }',
            "`cached_tokens` is part of",
        ),
        (
            '[[turn]]\ntext = "a"\nusage = { input_tokens = 1, reasoning_tokens = 2, output_tokens = 1 }',
            "`reasoning_tokens` is part of",
        ),
    ],
)
def test_mistakes_in_a_script(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "turns.toml"
    path.write_text(text)

    with pytest.raises(InputError) as caught:
        read_script(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
