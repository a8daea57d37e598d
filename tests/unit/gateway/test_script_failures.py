"""What a script may say of failures and commands, and what is played of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.gateway.upstreams.offered_tools import command_call
from provisioner.gateway.upstreams.protocol import UpstreamRequest
from provisioner.gateway.upstreams.script import read_script
from provisioner.gateway.upstreams.scripted import ScriptedUpstream

CHAT_ERROR = {"type": "server_error", "code": None}


def upstream(folder: Path, text: str) -> ScriptedUpstream:
    (folder / "turns.toml").write_text(text)
    return ScriptedUpstream(read_script(folder / "turns.toml"))


def ask(
    upstream: ScriptedUpstream, document: dict[str, Any], path: str = "/responses"
) -> tuple[int, bytes]:
    async def asked() -> tuple[int, bytes]:
        body = json.dumps(document).encode()
        answer = await upstream.open(UpstreamRequest("POST", path, "", {}, None, body, document))
        return answer.status, b"".join([chunk async for chunk in answer.body])

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("times = 1", "exactly one of status, failed, incomplete, event, ending"),
        ('status = 500\nending = "close"', "exactly one of"),
        ('ending = "vanish"', "ending: input should be 'close', 'reset', 'stall' or 'break'"),
        ('ending = "close"\nbody = "x"', "`headers`, `body` and `json` go with `status`"),
        ("status = 500\nafter_events = 1", "a `status` comes before all events"),
        ('status = 500\nbody = "x"\njson = {a = 1}', "a `body` or a `json`, not both"),
        ("status = 99", "greater than or equal to 200"),
        ('status = 500\nheaders = {X = "a\\r\\nb"}', '"X" is not a header that can be sent'),
    ],
)
def test_mistakes_in_a_failure(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        upstream(tmp_path, f"[[turn]]\n[turn.failure]\n{text}\n")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('run = "ls"\nname = "x"', "a call has a `name` or a command line to `run`"),
        ("arguments = {}", "a call has a `name` or a command line to `run`"),
        ('run = "ls"\ninput = "x"', "a call with `run` has nothing else"),
    ],
)
def test_mistakes_in_a_command(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        upstream(tmp_path, f"[[turn]]\n[[turn.tool_call]]\n{text}\n")

    assert message in str(caught.value)


def test_a_failure_that_passes_is_counted_for_each_question(tmp_path: Path) -> None:
    played = upstream(
        tmp_path, '[[turn]]\ntext = "ok"\n[turn.failure]\ntimes = 2\nstatus = 503\nbody = "busy"\n'
    )

    assert [ask(played, {"input": "a"})[0] for _ in range(3)] == [503, 503, 200]
    assert ask(played, {"input": "b"}) == (503, b"busy")
    assert ask(played, {"input": "a", "prompt_cache_key": "other"})[0] == 503


@pytest.mark.parametrize(
    ("failure", "fields"),
    [
        (
            'failed = { code = "c", message = "m" }',
            {"status": "failed", "error": {"code": "c", "message": "m"}},
        ),
        (
            'incomplete = "max_output_tokens"',
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        ),
    ],
)
def test_failures_in_one_piece(tmp_path: Path, failure: str, fields: dict[str, Any]) -> None:
    status, body = ask(upstream(tmp_path, f"[[turn]]\n[turn.failure]\n{failure}\n"), {"input": "x"})

    assert status == 200
    assert {name: json.loads(body)[name] for name in fields} == fields


@pytest.mark.parametrize(("count", "names"), [(0, []), (2, ["created", "in_progress"])])
def test_how_many_events_come_first(tmp_path: Path, count: int, names: list[str]) -> None:
    failure = f'after_events = {count}\nevent = "data: odd"\n'
    played = upstream(tmp_path, f'[[turn]]\ntext = "x"\n[turn.failure]\n{failure}')

    _, body = ask(played, {"input": "x", "stream": True})

    *first, last = body.split(b"\n\n")[:-1]
    assert [event.split(b"\n")[0] for event in first] == [
        f"event: response.{name}".encode() for name in names
    ]
    assert last == b"data: odd"


NESTED = {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}


@pytest.mark.parametrize(
    ("document", "name", "said"),
    [
        ({}, "exec_command", {"cmd": "ls"}),
        ({"tools": [{"name": "shell"}]}, "shell", {"command": ["bash", "-lc", "ls"]}),
        (
            {"tools": [{"name": "shell_command"}, {"name": "exec_command"}]},
            "exec_command",
            {"cmd": "ls"},
        ),
        (
            {"input": [{"type": "additional_tools", "tools": [NESTED]}]},
            "exec",
            'const r = await tools.exec_command({"cmd": "ls"}); text(r);',
        ),
    ],
)
def test_the_tool_that_is_offered_runs_the_command(
    document: dict[str, Any], name: str, said: object
) -> None:
    call = command_call("ls", document)

    assert (call.name, call.input or call.arguments) == (name, said)


@pytest.mark.parametrize(
    ("path", "failure", "last"),
    [
        ("/chat/completions", 'failed = {message = "no"}', {"message": "no", **CHAT_ERROR}),
        ("/chat/completions", 'incomplete = "x"', "length"),
        ("/v1/messages", 'failed = {message = "no"}', {"type": "api_error", "message": "no"}),
        ("/v1/messages", 'incomplete = "x"', "max_tokens"),
    ],
)
def test_failures_are_said_in_the_words_of_the_api(
    tmp_path: Path, path: str, failure: str, last: object
) -> None:
    playing = upstream(tmp_path, f'[[turn]]\ntext = "hi"\n[turn.failure]\n{failure}\n')
    asked = {"stream": True, "messages": [{"role": "user", "content": "hello"}]}
    status, body = ask(playing, asked, path)

    said = [line[6:] for line in body.decode().splitlines() if line.startswith("data: {")]
    told = [json.loads(line) for line in said]
    reasons = [choice["finish_reason"] for event in told for choice in event.get("choices", ())]
    reasons += [event["delta"].get("stop_reason") for event in told if "delta" in event]
    assert status == 200
    assert last in [*reasons, told[-1].get("error")]
