"""What only a real socket can show: nothing is buffered, and both ends may break off."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest

from provisioner.gateway.providers import Provider
from provisioner.gateway.record.model import Outcome
from provisioner.gateway.upstreams.protocol import (
    Upstream,
    UpstreamCutError,
    UpstreamError,
    UpstreamRequest,
    UpstreamResponse,
)
from tests.support.gateway_server import SECONDS, RunningGateway, post, running_gateway

CREATED = b'event: response.created\ndata: {"type":"response.created","response":{"id":"r1"}}\n\n'
COMPLETED = b'data: {"type":"response.completed","response":{"id":"r1","output":[]}}\n\n'
QUESTION = {"model": "m", "stream": True, "input": "hello"}


class TestUpstream:
    """Answers with the chunks of a function, and tells when its body was closed."""

    __test__ = False

    def __init__(
        self, chunks: Callable[[], AsyncGenerator[bytes, None]], status: int = 200
    ) -> None:
        self.chunks = chunks
        self.status = status
        self.closed = threading.Event()
        self.requests: list[UpstreamRequest] = []

    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        self.requests.append(request)
        return UpstreamResponse(self.status, {"Content-Type": "text/x-test"}, self._body())

    async def _body(self) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in self.chunks():
                yield chunk
        finally:
            self.closed.set()


class DeadUpstream:
    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamError(f"cannot connect for {request.path}")


class BrokenUpstream:
    async def open(self, request: UpstreamRequest) -> UpstreamResponse:
        raise RuntimeError(f"secret in {request.headers}")


def gateway_for(
    upstream: Upstream, state: Path
) -> contextlib.AbstractContextManager[RunningGateway]:
    return running_gateway(state, providers={"openai": Provider("openai", "openai", upstream)})


@contextlib.contextmanager
def answer_of(gateway: RunningGateway) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/openai/v1/responses", json.dumps(QUESTION), gateway.headers())
        response = connection.getresponse()
        with contextlib.closing(response):
            yield response


async def wait_for(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, SECONDS)


def test_each_chunk_arrives_before_the_next_one_is_made(tmp_path: Path) -> None:
    received = threading.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED
        await wait_for(received)
        yield COMPLETED

    with gateway_for(TestUpstream(chunks), tmp_path) as gateway, answer_of(gateway) as answer:
        first = answer.read(len(CREATED))
        received.set()
        rest = answer.read()

    assert first == CREATED
    assert rest == COMPLETED
    assert gateway.records()[0].outcome is Outcome.COMPLETED


def test_bytes_pass_unchanged_however_they_are_cut(tmp_path: Path) -> None:
    said = b"\xef\xbb\xbf: comment\r\rid: 7\r\n" + CREATED + b"\xff\xfe" + COMPLETED

    async def chunks() -> AsyncGenerator[bytes, None]:
        for position in range(0, len(said), 3):
            yield said[position : position + 3]

    with gateway_for(TestUpstream(chunks), tmp_path) as gateway, answer_of(gateway) as answer:
        assert answer.read() == said


def test_a_client_that_leaves_ends_the_upstream(tmp_path: Path) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED
        await asyncio.Event().wait()

    upstream = TestUpstream(chunks)
    with gateway_for(upstream, tmp_path) as gateway:
        with answer_of(gateway) as answer:
            answer.read(len(CREATED))
        assert upstream.closed.wait(SECONDS)

    (record,) = gateway.records()
    assert record.outcome is Outcome.CANCELLED
    assert record.status == 200
    assert [prompt.prompt for prompt in record.prompts] == ["hello"]
    assert record.ended_at is not None


@pytest.mark.parametrize(
    ("said", "gap"), [(CREATED, b""), (CREATED[:-1], b"\n\n"), (CREATED + b'data: {"ty', b"\n\n")]
)
def test_an_upstream_that_breaks_off_is_told_in_the_stream(
    tmp_path: Path, said: bytes, gap: bytes
) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield said
        raise UpstreamError("connection reset")

    with gateway_for(TestUpstream(chunks), tmp_path) as gateway, answer_of(gateway) as answer:
        body = answer.read()

    assert body.startswith(said + gap + b"event: response.failed\ndata: ")
    told = json.loads(body.rpartition(b"data: ")[2])["response"]
    assert (told["status"], told["error"]["message"]) == ("failed", "connection reset")
    (record,) = gateway.records()
    assert (record.outcome, record.status, record.error) == (
        Outcome.FAILED,
        200,
        "upstream broke off",
    )


def test_a_script_that_wants_a_cut_gets_one(tmp_path: Path) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED
        raise UpstreamCutError

    with (
        gateway_for(TestUpstream(chunks), tmp_path) as gateway,
        answer_of(gateway) as answer,
        pytest.raises(http.client.IncompleteRead) as caught,
    ):
        answer.read()

    assert caught.value.partial == CREATED
    assert gateway.records()[0].error == "upstream broke off"


def test_a_defect_in_the_middle_cuts_the_connection_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED
        raise RuntimeError("secret")

    with (
        gateway_for(TestUpstream(chunks), tmp_path) as gateway,
        answer_of(gateway) as answer,
        pytest.raises(http.client.IncompleteRead),
    ):
        answer.read()

    assert gateway.records()[0].error == "RuntimeError"
    assert caplog.messages == ["internal error: RuntimeError"]


def test_a_stream_that_just_ends_is_a_failure(tmp_path: Path) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED

    with gateway_for(TestUpstream(chunks), tmp_path) as gateway, answer_of(gateway) as answer:
        assert answer.read() == CREATED

    (record,) = gateway.records()
    assert record.outcome is Outcome.FAILED
    assert record.error == "stream closed before response.completed"


def test_a_failed_response_is_recorded_with_its_code_only(tmp_path: Path) -> None:
    failed = (
        b'data: {"type":"response.failed","response":{"id":"r1","status":"failed",'
        b'"error":{"code":"rate_limit_exceeded","message":"key sk-secret"}}}\n\n'
    )

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield failed

    with gateway_for(TestUpstream(chunks), tmp_path) as gateway, answer_of(gateway) as answer:
        assert answer.read() == failed

    assert gateway.records()[0].error == "response.failed: rate_limit_exceeded"


def test_an_upstream_refusal_passes_with_status_type_and_body(tmp_path: Path) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield b'{"error":'
        yield b'{"message":"slow down"}}'

    upstream = TestUpstream(chunks, status=429)
    with gateway_for(upstream, tmp_path) as gateway:
        reply = post(gateway, QUESTION)

    assert (reply.status, reply.body) == (429, b'{"error":{"message":"slow down"}}')
    assert reply.headers["Content-Type"] == "text/x-test"
    (record,) = gateway.records()
    assert (record.outcome, record.status, record.error) == (
        Outcome.FAILED,
        429,
        "upstream status 429",
    )


def test_a_bridged_request_whose_upstream_is_dead(tmp_path: Path) -> None:
    with gateway_for(DeadUpstream(), tmp_path) as gateway:
        reply = post(gateway, QUESTION)

    assert reply.status == 500
    assert reply.body == b'{"code":"500","message":"cannot connect for /responses"}'
    (record,) = gateway.records()
    assert (record.outcome, record.status, record.error) == (
        Outcome.FAILED,
        500,
        "upstream did not answer",
    )


def test_a_passthrough_request_whose_upstream_is_dead(tmp_path: Path) -> None:
    with gateway_for(DeadUpstream(), tmp_path) as gateway:
        reply = post(gateway, b"", path="/openai/v1/models")

    assert (reply.status, reply.body) == (502, b"upstream proxy error\n")
    assert gateway.records() == ()


def test_a_defect_is_a_500_that_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with gateway_for(BrokenUpstream(), tmp_path) as gateway:
        reply = post(gateway, QUESTION, headers=gateway.headers(**{"X-Private": "do-not-tell"}))

    assert (reply.status, reply.body) == (500, b"internal server error\n")
    assert caplog.messages == ["internal error: RuntimeError"]
    assert caplog.records[0].exc_info is None


def test_what_the_upstream_is_handed(tmp_path: Path) -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield COMPLETED

    upstream = TestUpstream(chunks)
    body = json.dumps(QUESTION).encode()
    with gateway_for(upstream, tmp_path) as gateway:
        headers = {
            "Authorization": "Bearer sk-personal-123456",
            "Connection": "keep-alive",
            "Cookie": "session=secret",
            "Forwarded": "for=10.0.0.1",
            "OpenAI-Beta": "responses=v1",
            "X-Api-Key": "sk-other-123456",
            "X-Coder-AI-Governance-Request-Id": "req-1",
            "X-Coder-AI-Governance-Token": gateway.token,
            "X-Forwarded-For": "10.0.0.1",
            "chatgpt-account-id": "account-1",
        }
        post(gateway, body, path="/openai/v1/responses?a=b%20c", headers=headers)

    (request,) = upstream.requests
    assert (request.method, request.path, request.query) == ("POST", "/responses", "a=b%20c")
    assert request.body == body
    assert request.headers == {"OpenAI-Beta": "responses=v1", "chatgpt-account-id": "account-1"}
    assert request.credential is not None
    assert request.credential.secret.reveal() == "sk-personal-123456"


def test_a_stop_waits_for_an_answer_that_is_being_streamed(tmp_path: Path) -> None:
    stopping = threading.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield CREATED
        await wait_for(stopping)
        yield COMPLETED

    received: list[bytes] = []

    def read(answer: http.client.HTTPResponse) -> None:
        received.append(answer.read())

    with contextlib.ExitStack() as client:
        with gateway_for(TestUpstream(chunks), tmp_path) as gateway:
            answer = client.enter_context(answer_of(gateway))
            reader = threading.Thread(target=read, args=(answer,))
            reader.start()
            # Released a moment after the gateway was told to stop.
            timer = threading.Timer(0.2, stopping.set)
            timer.start()
        reader.join(SECONDS)
        timer.join()

    assert received == [CREATED + COMPLETED]
    assert gateway.records()[0].outcome is Outcome.COMPLETED
