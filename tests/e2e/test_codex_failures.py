"""Every failure a script can play, and what the real Codex of four versions makes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.gateway_server import SECONDS, RunningGateway, running_gateway
from tests.support.real_codex import codex_exec

VERSIONS = ("0.122.0", "0.134.0", "0.163.0", "0.169.0")
NEWER = VERSIONS[2:]
BEFORE = "stream disconnected before completion: "
AT_CAPACITY = "Selected model is at capacity. Please try a different model."
CLOSED = f"{BEFORE}stream closed before response.completed"


@dataclass(frozen=True)
class Case:
    """A `[turn.failure]`, and the last error of a Codex that does not try again.

    `newest` is what 0.163 and 0.169 say where that differs; `@@URL@@` is the URL it asked.
    """

    name: str
    failure: str
    error: str
    newest: str = ""
    idle_ms: int = 20_000

    def expected(self, version: str) -> str:
        return self.newest if self.newest and version in NEWER else self.error


def failed(name: str, code: str, error: str, newest: str = "", message: str = "told so") -> Case:
    said = f'failed = {{ code = "{code}", message = "{message}" }}'
    return Case(f"failed-{name}", said, error, newest)


def status(number: int, error: str, newest: str = "", more: str = "", name: str = "") -> Case:
    body = "" if "body" in more or "json" in more else 'json = { error = { message = "told so" } }'
    return Case(f"status-{name or number}", f"status = {number}\n{body}\n{more}", error, newest)


def unexpected(number: int, phrase: str) -> Case:
    return status(number, f"unexpected status {number} {phrase}: told so, url: @@URL@@")


def raw(name: str, event: str, error: str) -> Case:
    return Case(name, f"event = '''{event}'''", error)


CASES = (
    Case("close", 'ending = "close"', CLOSED),
    Case("close-at-once", 'ending = "close"\nafter_events = 0', CLOSED),
    Case(
        "reset",
        'ending = "reset"',
        f"{BEFORE}Transport error: network error: error decoding response body",
    ),
    Case("stall", 'ending = "stall"', f"{BEFORE}idle timeout waiting for SSE", idle_ms=500),
    Case("break", 'ending = "break"', f"{BEFORE}the script breaks off here"),
    failed("plain", "", f"{BEFORE}told so"),
    failed("other", "strange_code", f"{BEFORE}told so"),
    failed(
        "rate-limit",
        "rate_limit_exceeded",
        f"{BEFORE}try again in 0.1s",
        "rate limit exceeded: try again in 0.1s",
        "try again in 0.1s",
    ),
    failed("slow-down", "slow_down", AT_CAPACITY, "rate limit exceeded: told so"),
    failed("quota", "insufficient_quota", "Quota exceeded. Check your plan and billing details."),
    failed(
        "context",
        "context_length_exceeded",
        "Codex ran out of room in the model's context window. Start a new thread or clear earlier "
        "history before retrying.",
    ),
    failed("invalid-prompt", "invalid_prompt", "told so"),
    failed(
        "plan",
        "usage_not_included",
        "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.",
    ),
    failed(
        "overloaded",
        "server_is_overloaded",
        AT_CAPACITY,
    ),
    Case(
        "incomplete-tokens",
        'incomplete = "max_output_tokens"',
        f"{BEFORE}Incomplete response returned, reason: max_output_tokens",
        "Incomplete response returned, reason: max_output_tokens",
    ),
    Case(
        "incomplete-filter",
        'incomplete = "content_filter"',
        f"{BEFORE}Incomplete response returned, reason: content_filter",
    ),
    raw("error-event", 'event: error\ndata: {"type":"error","message":"x"}', CLOSED),
    raw("no-type", 'event: response.completed\ndata: {"response":{"id":"r"}}', CLOSED),
    raw(
        "no-id",
        'data: {"type":"response.completed","response":{}}',
        f"{BEFORE}failed to parse ResponseCompleted: missing field `id`",
    ),
    raw(
        "no-total",
        'data: {"type":"response.completed","response":{"id":"r","usage":{"input_tokens":1,'
        '"output_tokens":1}}}',
        f"{BEFORE}failed to parse ResponseCompleted: missing field `total_tokens`",
    ),
    status(200, CLOSED, more='body = "<html>sign in</html>"', name="200-html"),
    status(200, CLOSED, more='json = { id = "r", output = [] }', name="200-json"),
    status(400, '{"error": {"message": "told so"}}'),
    unexpected(401, "Unauthorized"),
    unexpected(402, "Payment Required"),
    unexpected(403, "Forbidden"),
    unexpected(404, "Not Found"),
    unexpected(409, "Conflict"),
    unexpected(413, "Payload Too Large"),
    unexpected(422, "Unprocessable Entity"),
    status(
        403,
        'unexpected status 403 Forbidden: {"message": "no"}, url: @@URL@@',
        more='json = { message = "no" }',
        name="403-coder",
    ),
    status(429, "exceeded retry limit, last status: 429 Too Many Requests"),
    status(
        429,
        "exceeded retry limit, last status: 429 Too Many Requests, request id: req-abc",
        more='headers = { x-request-id = "req-abc" }',
        name="429-request-id",
    ),
    status(
        429,
        "exceeded retry limit, last status: 429 Too Many Requests",
        "Quota exceeded. Check your plan and billing details.",
        more='json = { error = { code = "insufficient_quota", message = "x" } }',
        name="429-quota",
    ),
    status(
        500,
        "We're currently experiencing high demand, which may cause temporary errors.",
        "We\u2019re currently experiencing high demand, which may cause temporary errors.",
    ),
    unexpected(502, "Bad Gateway"),
    unexpected(503, "Service Unavailable"),
    unexpected(504, "Gateway Timeout"),
    unexpected(529, "<unknown status code>"),
    # The gateway itself answers what is asked next, with the token that came along.
    status(
        302,
        "unexpected status 404 Not Found: route not supported: GET /elsewhere, url: @@URL@@",
        more='headers = { Location = "/elsewhere" }',
    ),
    status(
        429,
        "exceeded retry limit, last status: 429 Too Many Requests",
        more='headers = { Retry-After = "1" }',
        name="429-retry-after",
    ),
    status(
        429,
        "You've hit your usage limit. Try again later.",
        "You\u2019ve hit your usage limit. Try again later.",
        more='json = { error = { type = "usage_limit_reached", message = "x" } }',
        name="429-usage-limit",
    ),
    status(
        503,
        "unexpected status 503 Service Unavailable: told so, url: @@URL@@",
        more='headers = { Retry-After = "1" }',
        name="503-retry-after",
    ),
    status(
        503,
        AT_CAPACITY,
        more='json = { error = { code = "server_is_overloaded", message = "x" } }',
        name="503-overloaded",
    ),
)


LIMITED_ONCE = 'times = 1\nstatus = 429\nheaders = { Retry-After = "1" }'


def script(failure: str) -> str:
    return f'[[turn]]\ntext = "partial"\n[turn.failure]\n{failure}\n'


def limited_once(version: str) -> str:
    return f"limited-once-{version.replace('.', '-')}"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """A gateway with a provider for each case, named like it, and one for each version."""
    folder = tmp_path_factory.mktemp("failures")
    config = "[relay]\nkeep_alive_seconds = 0\n"
    failures = {case.name: case.failure for case in CASES}
    failures |= {limited_once(version): LIMITED_ONCE for version in VERSIONS}
    for name, failure in failures.items():
        (folder / f"{name}.toml").write_text(script(failure))
        config += f'[[provider]]\nname = "{name}"\ntype = "openai"\nupstream = "scripted"\n'
        config += f'script = "{name}.toml"\n'
    (folder / "gateway.toml").write_text(config)
    with running_gateway(folder / "state", folder / "gateway.toml") as running:
        yield running


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_codex_says_what_went_wrong(
    gateway: RunningGateway, case: Case, version: str, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/{case.name}/v1"

    run = codex_exec(version, tmp_path, url, gateway.token, idle_ms=case.idle_ms)

    assert run.status == 1, run.stderr
    expected = case.expected(version).replace("@@URL@@", f"{url}/responses")
    assert run.errors[-1] == expected, run.stderr


@pytest.mark.needs_codex
@pytest.mark.parametrize("version", VERSIONS)
def test_codex_comes_again_when_it_is_told_when(
    gateway: RunningGateway, version: str, tmp_path: Path
) -> None:
    name = limited_once(version)
    url = f"http://127.0.0.1:{gateway.port}/api/v2/aibridge/{name}/v1"

    run = codex_exec(version, tmp_path, url, gateway.token, retries=1)

    if version in NEWER:
        assert (run.status, run.stdout) == (0, "partial\n"), run.stderr
        assert answered(gateway, name, 2) == [200, 429]
    else:
        assert run.status == 1
        assert run.errors[-1] == "exceeded retry limit, last status: 429 Too Many Requests"
        assert answered(gateway, name, 1) == [429]


def answered(gateway: RunningGateway, provider: str, count: int) -> list[int | None]:
    """Wait for `count` requests to `provider` and return the statuses of all, newest first."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = [record.status for record in gateway.records() if record.provider == provider]
        if len(found) >= count and None not in found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.05)
