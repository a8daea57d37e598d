"""Two workers on SQLite, two gateways on one PostgreSQL: a router's bans are those of all."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_server import RunningGateway, gateway_process, post, send
from tests.support.postgres_server import PostgresServer
from tests.support.tree import write_tree
from tests.support.twin import Twin, answering, twin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

HEARD_SECONDS = 2
AUTH = {"Authorization": "Bearer sk-master-0001", "Content-Type": "application/json"}
QUESTION = {"model": "gpt-5.5", "input": "hello"}
ANSWER = b'{"id":"r1","object":"response","status":"completed","output":[]}'
ROUTER = """\
server:
  master_key: os.environ/MASTER
credentials:
  - name: bad
    type: openai
    api_key: os.environ/KEY
    base_url: {bad}
  - name: good
    type: openai
    api_key: os.environ/KEY
    base_url: {good}
models:
  - name: gpt-5.5
fail2ban:
  max_attempts: 2
  ban_duration: permanent
  error_codes: [500]
"""


def message(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@contextlib.contextmanager
def gateways(folder: Path, kind: str) -> Iterator[tuple[RunningGateway, ...]]:
    options = ["--config", str(folder / "config.yaml")]
    options += ["--workers", "2"] if kind == "workers" else []
    with contextlib.ExitStack() as stack:
        names = ("one",) if kind == "workers" else ("one", "two")
        yield tuple(
            stack.enter_context(gateway_process(folder / name, *options))[1] for name in names
        )


@pytest.mark.parametrize(
    "kind", ["workers", pytest.param("replicas", marks=pytest.mark.needs_postgres)]
)
def test_a_ban_counts_and_holds_wherever_it_was_seen(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("MASTER", "sk-master-0001")
    monkeypatch.setenv("KEY", "sk-service")
    if kind == "replicas":
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", server.new_database())
    with (
        twin(answering(message(500, b"{}"))) as bad,
        twin(answering(message(200, ANSWER))) as good,
    ):
        write_tree(tmp_path, {"config.yaml": ROUTER.format(bad=bad.url, good=good.url)})
        with gateways(tmp_path, kind) as running:
            statuses = asked_until(running, bad, 2)
            health = [healthy(gateway) for gateway in running * 4]
            statuses += [status(running, number) for number in range(10)]
            after_ban = len(bad.requests)
        # All were killed; that ends what was for ever, once they are taken for dead.
        with gateways(tmp_path, kind) as running:
            statuses += asked_until(running, bad, 3)

    assert set(statuses) == {200}
    assert after_ban == 2
    assert all(document["credentials"]["bad"]["is_banned"] for document in health)


def asked_until(running: tuple[RunningGateway, ...], bad: Twin, count: int) -> list[int]:
    """Ask in turn until `bad` was asked `count` times, giving the others time to hear of each."""
    statuses: list[int] = []
    while len(bad.requests) < count:
        assert len(statuses) < 25
        statuses.append(status(running, len(statuses)))
        time.sleep(HEARD_SECONDS)
    return statuses


def status(running: tuple[RunningGateway, ...], number: int) -> int:
    gateway = running[number % len(running)]
    return post(gateway, QUESTION, "/v1/responses", AUTH).status


def healthy(gateway: RunningGateway) -> dict[str, dict[str, dict[str, bool]]]:
    document = send(gateway, b"GET /health HTTP/1.1\r\nHost: router\r\n\r\n").body
    return dict(json.loads(document))
