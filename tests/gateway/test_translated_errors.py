"""Every way a service behind says no, and what the client is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_server import Reply, post, running_gateway
from tests.support.model_twin import provider_toml
from tests.support.tree import write_tree
from tests.support.twin import answering, twin

QUESTION = {"model": "gpt-5.5", "input": "hello"}


@pytest.fixture(autouse=True)
def key(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it comes first
    monkeypatch.setenv("KEY", "service-key")


def answer(status: int, body: object, headers: str = "") -> bytes:
    text = body if isinstance(body, str) else json.dumps(body)
    return (
        f"HTTP/1.1 {status} Reason\r\n{headers}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}"
    ).encode()


def stream(*events: object) -> bytes:
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return answer(200, text, "Content-Type: text/event-stream\r\n")


def asked(api: str, said: bytes, folder: Path, **more: Any) -> Reply:
    with twin(answering(said)) as service:
        write_tree(folder, {"gateway.toml": provider_toml(api, service.url)})
        with running_gateway(folder / "state", folder / "gateway.toml") as gateway:
            return post(gateway, {**QUESTION, **more})


def anthropic(kind: str, message: str = "m") -> Mapping[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def google(code: int, status: str, message: str = "m", details: Any = ()) -> Mapping[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def openai(
    code: str | None, kind: str = "invalid_request_error", message: str = "m"
) -> Mapping[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


BAD_KEY = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
RETRY = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}]
ERRORS = [
    (
        "anthropic",
        400,
        anthropic("invalid_request_error"),
        400,
        "invalid_request_error",
        "invalid_prompt",
    ),
    (
        "anthropic",
        400,
        anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        400,
        "invalid_request_error",
        "context_length_exceeded",
    ),
    (
        "anthropic",
        400,
        anthropic("invalid_request_error", "Your credit balance is too low to access the API"),
        429,
        "insufficient_quota",
        "insufficient_quota",
    ),
    ("anthropic", 402, anthropic("billing_error"), 429, "insufficient_quota", "insufficient_quota"),
    ("anthropic", 403, anthropic("permission_error"), 403, "permission_error", "permission_denied"),
    (
        "anthropic",
        404,
        anthropic("not_found_error"),
        404,
        "invalid_request_error",
        "model_not_found",
    ),
    (
        "anthropic",
        413,
        anthropic("request_too_large"),
        413,
        "invalid_request_error",
        "request_too_large",
    ),
    ("anthropic", 500, anthropic("api_error"), 500, "server_error", "server_error"),
    ("anthropic", 504, anthropic("timeout_error"), 504, "server_error", "upstream_timeout"),
    ("anthropic", 529, anthropic("overloaded_error"), 503, "server_error", "server_is_overloaded"),
    (
        "gemini",
        400,
        google(400, "INVALID_ARGUMENT"),
        400,
        "invalid_request_error",
        "invalid_prompt",
    ),
    (
        "gemini",
        400,
        google(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
        400,
        "invalid_request_error",
        "context_length_exceeded",
    ),
    (
        "gemini",
        400,
        google(400, "INVALID_ARGUMENT", "m", BAD_KEY),
        401,
        "authentication_error",
        "invalid_api_key",
    ),
    ("gemini", 403, google(403, "PERMISSION_DENIED"), 403, "permission_error", "permission_denied"),
    ("gemini", 404, google(404, "NOT_FOUND"), 404, "invalid_request_error", "model_not_found"),
    ("gemini", 500, [google(500, "INTERNAL")], 500, "server_error", "server_error"),
    ("gemini", 503, google(503, "UNAVAILABLE"), 503, "server_error", "server_is_overloaded"),
    ("gemini", 504, google(504, "DEADLINE_EXCEEDED"), 504, "server_error", "upstream_timeout"),
    ("vertex", 404, [google(404, "NOT_FOUND")], 404, "invalid_request_error", "model_not_found"),
    ("openai-chat", 400, openai(None), 400, "invalid_request_error", "invalid_prompt"),
    (
        "openai-chat",
        400,
        openai("context_length_exceeded"),
        400,
        "invalid_request_error",
        "context_length_exceeded",
    ),
    (
        "openai-chat",
        400,
        {
            "object": "error",
            "message": "m: maximum context length is 8192 tokens",
            "type": "BadRequestError",
            "code": 400,
        },
        400,
        "invalid_request_error",
        "context_length_exceeded",
    ),
    (
        "openai-chat",
        404,
        openai("model_not_found"),
        404,
        "invalid_request_error",
        "model_not_found",
    ),
    ("openai-chat", 422, {"detail": "m"}, 400, "invalid_request_error", "invalid_prompt"),
    ("openai-chat", 502, "<html> Bad\n Gateway", 502, "server_error", "server_error"),
    (
        "openai-chat",
        503,
        openai("server_is_overloaded"),
        503,
        "server_error",
        "server_is_overloaded",
    ),
    ("openai-chat", 418, "", 400, "invalid_request_error", "invalid_prompt"),
]


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: f"{case[0]}-{case[1]}-{case[5]}")
def test_an_error_is_told_in_openais_words(case: tuple[Any, ...], tmp_path: Path) -> None:
    api, status, body, told, kind, code = case
    reply = asked(api, answer(status, body, "request-id: req_1\r\n"), tmp_path)

    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"], error["code"], error["param"]) == (told, kind, code, None)
    assert error["message"].startswith(
        message_of(body) or f"the upstream answered with status {status}"
    )
    assert reply.headers["X-Request-Id"] == "req_1"


def message_of(body: object) -> str:
    if isinstance(body, str):
        return " ".join(body.split())
    found: Any = body[0] if isinstance(body, list) else body
    inner = found.get("error", found)
    return str(inner.get("message") or inner.get("detail"))


@pytest.mark.parametrize(
    ("api", "said", "after"),
    [
        ("gemini", answer(429, google(429, "RESOURCE_EXHAUSTED", "m", RETRY)), "35"),
        ("anthropic", answer(429, anthropic("rate_limit_error"), "Retry-After: 7\r\n"), "7"),
        ("openai-chat", answer(429, openai("rate_limit_exceeded"), "Retry-After: 2\r\n"), "2"),
    ],
)
def test_a_limit_says_when_to_come_back(api: str, said: bytes, after: str, tmp_path: Path) -> None:
    reply = asked(api, said, tmp_path, stream=True)

    assert (reply.status, reply.headers["Retry-After"]) == (429, after)
    assert json.loads(reply.body)["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("api", "said"),
    [
        (
            "anthropic",
            answer(
                400, anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum")
            ),
        ),
        (
            "gemini",
            answer(
                400,
                google(400, "INVALID_ARGUMENT", "the input token count (9) exceeds the maximum"),
            ),
        ),
        ("openai-chat", answer(400, openai("context_length_exceeded"))),
    ],
)
def test_who_wants_a_stream_learns_in_it_that_the_conversation_is_too_long(
    api: str, said: bytes, tmp_path: Path
) -> None:
    """Codex compacts its history then; of a status 400 it would only show the body."""
    reply = asked(api, said, tmp_path, stream=True)

    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/event-stream")
    last = json.loads(reply.body.rsplit(b"data: ", 1)[1])
    assert last["type"] == "response.failed"
    assert last["response"]["error"]["code"] == "context_length_exceeded"


MID_STREAM = [
    (
        "anthropic",
        [{"type": "message_start", "message": {}}, anthropic("overloaded_error", "busy")],
        503,
        "server_is_overloaded",
        "busy",
    ),
    ("anthropic", [anthropic("api_error", "oh")], 500, "server_error", "oh"),
    ("anthropic", [anthropic("rate_limit_error", "slow")], 429, "rate_limit_exceeded", "slow"),
    (
        "gemini",
        [{"candidates": []}, google(503, "UNAVAILABLE", "busy")],
        503,
        "server_is_overloaded",
        "busy",
    ),
    (
        "gemini",
        [google(429, "RESOURCE_EXHAUSTED", "slow", RETRY)],
        429,
        "rate_limit_exceeded",
        "slow",
    ),
    (
        "gemini",
        [{"promptFeedback": {"blockReason": "SAFETY"}}],
        400,
        "invalid_prompt",
        "the prompt was blocked: SAFETY",
    ),
    (
        "gemini",
        [{"candidates": [{"finishReason": "SAFETY", "finishMessage": "no"}]}],
        400,
        "invalid_prompt",
        "the model stopped: SAFETY: no",
    ),
    (
        "gemini",
        [{"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}],
        500,
        "server_error",
        "the model stopped: MALFORMED_FUNCTION_CALL",
    ),
    ("openai-chat", [openai("server_error", "server_error", "oh")], 500, "server_error", "oh"),
    (
        "openai-chat",
        [{"error": {"message": "slow", "code": 429}}],
        429,
        "rate_limit_exceeded",
        "slow",
    ),
    (
        "openai-chat",
        [{"choices": [{"delta": {}, "finish_reason": "content_filter"}]}],
        400,
        "invalid_prompt",
        "the upstream's content filter stopped the answer",
    ),
]


@pytest.mark.parametrize("case", MID_STREAM, ids=lambda case: f"{case[0]}-{case[4]}")
def test_an_error_within_a_stream(case: tuple[Any, ...], tmp_path: Path) -> None:
    """It becomes an event, or a status for who waits for the answer in one piece."""
    api, events, status, code, message = case
    streamed = asked(api, stream(*events), tmp_path / "streamed", stream=True)
    whole = asked(api, stream(*events), tmp_path / "whole")

    last = json.loads(streamed.body.rsplit(b"data: ", 1)[1])["response"]
    assert (streamed.status, last["status"], last["error"]["code"]) == (200, "failed", code)
    assert last["error"]["message"].startswith(message)
    error = json.loads(whole.body)["error"]
    assert (whole.status, error["code"], error["message"]) == (status, code, message)


def test_a_limit_within_a_stream_says_when_in_words_that_codex_reads(tmp_path: Path) -> None:
    said = stream(google(429, "RESOURCE_EXHAUSTED", "Slow down.", RETRY))
    reply = asked("gemini", said, tmp_path, stream=True)

    last = json.loads(reply.body.rsplit(b"data: ", 1)[1])["response"]
    assert last["error"]["message"] == "Slow down. Please try again in 35s."


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"previous_response_id": "resp_1"},
            "`previous_response_id` cannot be used with this upstream",
        ),
        ({"conversation": "c"}, "`conversation` cannot be used with this upstream"),
        ({"prompt": {"id": "p"}}, "`prompt` cannot be used with this upstream"),
        (
            {"input": [{"type": "compaction_trigger"}]},
            "this upstream cannot compact a conversation",
        ),
        (
            {"input": [{"type": "item_reference", "id": "i"}]},
            "items are not stored, so send them whole",
        ),
    ],
)
def test_what_the_answer_would_be_wrong_without_is_refused(
    more: Mapping[str, Any], message: str, tmp_path: Path
) -> None:
    reply = asked("anthropic", stream(), tmp_path, **more)

    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(message)
