"""Responses over WebSocket: each message is answered and recorded as a request over HTTP is."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from provisioner.gateway.record.model import Outcome
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, running_gateway
from tests.support.tree import write_tree
from tests.support.twin import Twin, TwinRequest, answering, twin

PATH = "/openai/v1/responses"
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\n'
USER = {"type": "message", "role": "user", "content": "hello"}
TURNS = """
[[turn]]
text = "Looking."
[[turn.tool_call]]
name = "exec_command"
arguments = { cmd = "ls" }
[[turn]]
text = "Done."
"""

Socket = aiohttp.ClientWebSocketResponse
Talk = Callable[[Socket], Awaitable[None]]


@contextlib.contextmanager
def scripted(folder: Path, turns: str = TURNS, settings: str = "") -> Iterator[RunningGateway]:
    text = f'{settings}[relay]\nwebsockets = true\n{PROVIDER}upstream = "scripted"\n'
    write_tree(folder, {"turns.toml": turns, "gateway.toml": f'{text}script = "turns.toml"\n'})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield gateway


@contextlib.contextmanager
def relaying(folder: Path, service: Twin) -> Iterator[RunningGateway]:
    text = f'[relay]\nwebsockets = true\n{PROVIDER}upstream = "openai"\n'
    write_tree(folder, {"gateway.toml": f'{text}base_url = "{service.url}"\n'})
    with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
        yield gateway


@contextlib.asynccontextmanager
async def connected(
    gateway: RunningGateway, path: str = PATH, **more: str
) -> AsyncIterator[Socket]:
    url = f"ws://127.0.0.1:{gateway.port}{path}"
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=gateway.headers(**more)) as connection,
    ):
        yield connection


@contextlib.asynccontextmanager
async def soon_connected(gateway: RunningGateway) -> AsyncIterator[Socket]:
    """Connect as soon as the gateway has noticed that another one is closed."""
    async with asyncio.timeout(SECONDS), contextlib.AsyncExitStack() as stack:
        while True:
            try:
                connection = await stack.enter_async_context(connected(gateway))
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.02)
            else:
                break
        yield connection


def talking(gateway: RunningGateway, talk: Talk) -> None:
    async def run() -> None:
        async with connected(gateway) as connection:
            await talk(connection)

    asyncio.run(run())


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110 - what is waited for is no event of this loop
        await asyncio.sleep(0.02)


async def create(connection: Socket, *items: object, **more: object) -> list[Any]:
    """Ask, and return all messages up to the last of the answer."""
    message = {"type": "response.create", "model": "gpt-5.5", "input": items, "store": False}
    await connection.send_str(json.dumps({**message, **more}))
    return await answer(connection)


async def answer(connection: Socket) -> list[Any]:
    messages: list[Any] = []
    while not messages or messages[-1]["type"] not in (
        "error",
        "response.completed",
        "response.failed",
        "response.incomplete",
    ):
        messages.append(await connection.receive_json())
    return messages


def stream(*events: object) -> bytes:
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def completed(response_id: str) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"id": response_id, "status": "completed"}}


def item_done(item: object) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item}


def test_a_tool_round_trip_is_a_thread_of_two_interceptions(tmp_path: Path) -> None:
    async def talk(connection: Socket) -> None:
        warm = await create(
            connection, {"role": "developer", "content": "be brief"}, generate=False
        )
        assert [m["type"] for m in warm] == ["response.created", "response.completed"]
        first = await create(connection, USER, previous_response_id=warm[-1]["response"]["id"])
        (call,) = (i for i in first[-1]["response"]["output"] if i["type"] == "function_call")
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "a.txt"}
        second = await create(connection, output, previous_response_id=first[-1]["response"]["id"])
        texts = [m["text"] for m in second if m["type"] == "response.output_text.done"]
        assert texts == ["Done."]

    with scripted(tmp_path) as gateway:
        talking(gateway, talk)
        second, first = gateway.ended(2)

    assert [first.outcome, second.outcome] == [Outcome.COMPLETED] * 2
    assert [tool.tool for tool in first.tools] == ["exec_command"]
    assert [prompt.prompt for prompt in first.prompts] == ["hello"]
    assert second.thread_parent_id == first.id
    assert len(gateway.records()) == 2


def test_the_upstream_gets_whole_requests_over_http(tmp_path: Path) -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    answers = (
        stream(item_done({**call, "id": "fc_1", "status": "completed"}), completed("r1")),
        stream(completed("r2")),
    )
    output = {"type": "function_call_output", "call_id": "c", "output": "ok"}

    async def talk(connection: Socket) -> None:
        await create(connection, USER, client_metadata={"x": "1"})
        await create(connection, output, previous_response_id="r1")
        await create(connection, USER)

    with twin(answering(*answers)) as service, relaying(tmp_path, service) as gateway:
        talking(gateway, talk)

    bodies = [json.loads(request.body) for request in service.requests]
    assert [body["input"] for body in bodies] == [[USER], [USER, call, output], [USER]]
    assert bodies[0] == {
        "model": "gpt-5.5",
        "input": [USER],
        "store": False,
        "client_metadata": {"x": "1"},
        "stream": True,
    }
    for request in service.requests:
        assert request.line == "POST /responses HTTP/1.1"
        assert request.header("Accept") == ["text/event-stream"]
        assert request.header("Content-Type") == ["application/json"]
        names = {name.lower() for name, _ in request.headers}
        assert not {name for name in names if name.startswith("sec-")}
        assert not names & {"upgrade", "openai-beta"}


def test_events_arrive_one_message_each_as_they_came(tmp_path: Path) -> None:
    events = [
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.output_text.delta", "delta": "a\u2028\U0001f600\n"},
        {"type": "keepalive"},
        completed("r"),
    ]
    body = b"".join(b"event: x\r\ndata: " + json.dumps(e).encode() + b"\r\n\r\n" for e in events)
    noise = b": comment\n\ndata: [DONE]\n\ndata: 7\n\n"
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

    def play(_: TwinRequest, connection: Any) -> None:
        connection.sendall(head + noise + body)
        connection.close()

    async def talk(connection: Socket) -> None:
        assert await create(connection, USER) == events

    with twin(play) as service, relaying(tmp_path, service) as gateway:
        talking(gateway, talk)


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [
        ("{", None, "the message cannot be read as a JSON object"),
        ("[]", None, "the message cannot be read as a JSON object"),
        ('{"type":"response.cancel"}', None, "the type of a message must be response.create"),
        (
            '{"type":"response.create","previous_response_id":"of-another"}',
            "previous_response_not_found",
            "the previous response is not the last one of this connection",
        ),
    ],
)
def test_a_bad_message_is_an_error_and_the_next_one_is_served(
    sent: str, code: str | None, said: str, tmp_path: Path
) -> None:
    async def talk(connection: Socket) -> None:
        await connection.send_str(sent)
        (error,) = await answer(connection)
        assert (error["status"], error["error"]["code"]) == (400, code)
        assert error["error"]["message"] == said
        assert (await create(connection, USER))[-1]["type"] == "response.completed"

    with scripted(tmp_path) as gateway:
        talking(gateway, talk)


def test_a_token_revoked_in_between_is_refused_within_a_second(tmp_path: Path) -> None:
    async def talk(connection: Socket) -> None:
        assert (await create(connection, USER))[-1]["type"] == "response.completed"
        await asyncio.to_thread(ask, gateway, "/api/v2/users/local/keys/first", method="DELETE")
        await asyncio.sleep(1)
        (error,) = await create(connection, USER)
        assert (error["status"], error["error"]["message"]) == (403, "unauthorized")

    with scripted(tmp_path) as gateway:
        talking(gateway, talk)


def test_a_refusal_of_the_upstream_is_told_with_its_status_and_words(tmp_path: Path) -> None:
    failure = (
        '[[turn]]\ntext = "x"\n[turn.failure]\nstatus = 429\nheaders = { Retry-After = "2" }\n'
    )
    said = {"message": "slow down", "type": "tokens", "code": "rate_limit_exceeded"}

    async def talk(connection: Socket) -> None:
        (error,) = await create(connection, USER)
        assert error == {
            "type": "error",
            "status": 429,
            "error": said,
            "headers": {"Retry-After": "2"},
        }

    with scripted(tmp_path, f"{failure}body = '{json.dumps({'error': said})}'\n") as gateway:
        talking(gateway, talk)
        (record,) = gateway.ended(1)
    assert (record.outcome, record.status) == (Outcome.FAILED, 429)


def test_an_answer_without_its_end_closes_the_connection(tmp_path: Path) -> None:
    events = [{"type": "response.created", "response": {"id": "r"}}]

    async def talk(connection: Socket) -> None:
        await connection.send_str('{"type":"response.create","input":[]}')
        assert await connection.receive_json() == events[0]
        assert (await connection.receive()).type is aiohttp.WSMsgType.CLOSE
        assert connection.close_code == 1011

    with twin(answering(stream(*events))) as service, relaying(tmp_path, service) as gateway:
        talking(gateway, talk)


def test_a_client_that_leaves_ends_the_upstream(tmp_path: Path) -> None:
    def play(_: TwinRequest, connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while connection.recv(1):
            pass

    async def talk(connection: Socket) -> None:
        await connection.send_str('{"type":"response.create","input":[]}')
        await until(lambda: service.requests)

    with twin(play) as service, relaying(tmp_path, service) as gateway:
        talking(gateway, talk)
        assert service.gone.wait(SECONDS)
        (record,) = gateway.ended(1)
    assert record.outcome is Outcome.CANCELLED


def test_connections_are_not_requests_but_what_they_ask_is(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(gateway) as first, connected(gateway) as second:
            slow = asyncio.create_task(create(first, USER))
            await until(gateway.records)
            (error,) = await create(second, USER)
            assert (error["status"], error["error"]["message"][:9]) == (503, "AI Bridge")
            assert (await slow)[-1]["type"] == "response.completed"
            assert (await create(second, USER))[-1]["type"] == "response.completed"

    turns = '[[turn]]\ntext = "slow"\npause_seconds = 0.2\n'
    with scripted(tmp_path, turns, "max_concurrency = 1\n") as gateway:
        asyncio.run(run())


@pytest.mark.parametrize("path", ["/openai/v1/chat/completions", "/openai/v1/models"])
def test_other_routes_have_no_websocket(path: str, tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with connected(gateway, path):
                pass
        assert refused.value.status == 426

    with scripted(tmp_path) as gateway:
        asyncio.run(run())


def test_a_handshake_needs_a_token(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with connected(gateway, Authorization="Bearer prv_wrong"):
                pass
        assert refused.value.status == 403

    with scripted(tmp_path) as gateway:
        asyncio.run(run())


def test_a_stop_ends_idle_connections_at_once_and_busy_ones_after_their_answer(
    tmp_path: Path,
) -> None:
    turns = '[[turn]]\ntext = "slow"\npause_seconds = 0.3\n'
    text = f'[relay]\nwebsockets = true\n{PROVIDER}upstream = "scripted"\nscript = "turns.toml"\n'
    write_tree(tmp_path, {"turns.toml": turns, "gateway.toml": text})

    async def run(stop: Callable[[], None]) -> None:
        async with connected(gateway) as idle, connected(gateway) as busy:
            slow = asyncio.create_task(create(busy, USER))
            await until(gateway.records)
            stop()
            assert (await idle.receive()).type is aiohttp.WSMsgType.CLOSE
            assert not slow.done()
            assert (await slow)[-1]["type"] == "response.completed"
            assert (await busy.receive()).type is aiohttp.WSMsgType.CLOSE
            assert (idle.close_code, busy.close_code) == (1001, 1001)

    options = ("--config", str(tmp_path / "gateway.toml"))
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        asyncio.run(run(process.terminate))
        assert process.wait(SECONDS) == 0
    assert [record.outcome for record in gateway.records()] == [Outcome.COMPLETED]


def test_a_user_has_sixteen_at_a_time(tmp_path: Path) -> None:
    async def run(gateway: RunningGateway) -> None:
        async with contextlib.AsyncExitStack() as stack:
            first, *_ = [await stack.enter_async_context(connected(gateway)) for _ in range(16)]
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await stack.enter_async_context(connected(gateway))
            assert refused.value.status == 426
            await first.close()
            last = await stack.enter_async_context(soon_connected(gateway))
            assert (await create(last, USER))[-1]["type"] == "response.completed"

    with scripted(tmp_path) as gateway:
        asyncio.run(run(gateway))


def test_a_connection_ends_after_its_lifetime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.gateway.websocket._LIFETIME_SECONDS", 0.2)

    async def talk(connection: Socket) -> None:
        message = await connection.receive()
        assert (message.type, connection.close_code) == (aiohttp.WSMsgType.CLOSE, 1001)

    with scripted(tmp_path) as gateway:
        talking(gateway, talk)
