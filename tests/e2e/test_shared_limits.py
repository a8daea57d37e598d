"""Two workers on SQLite, two gateways on one PostgreSQL: together they keep to the limits of one."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.gateway_server import SECONDS, Reply, RunningGateway, gateway_process, post
from tests.support.postgres_server import PostgresServer
from tests.support.twin import Twin, TwinRequest, twin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

QUESTION = {"model": "m", "input": "hello"}
PROVIDER = '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'
ANSWER = b'{"id":"r1","object":"response","output":[]}'
MANY = 200
# The promise is one second; the other is for a machine that runs all tests at once.
HEARD_SECONDS = 2


def message(status: int, body: bytes = ANSWER) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


@dataclass
class Service:
    """An upstream that holds requests back while it is told to, and counts how many at once."""

    answer: Callable[[TwinRequest], int] = lambda _: 200
    goes_on: threading.Event = field(default_factory=threading.Event)
    running: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, request: TwinRequest, connection: socket.socket) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            assert self.goes_on.wait(SECONDS)
        finally:
            with self.lock:
                self.running -= 1
        connection.sendall(message(self.answer(request)))


@dataclass(frozen=True)
class Deployment:
    """The gateways that run, and what is behind them."""

    gateways: tuple[RunningGateway, ...]
    processes: tuple[subprocess.Popen[str], ...]
    service: Service
    upstream: Twin

    def ask(self, number: int = 0) -> Reply:
        return post(self.gateways[number % len(self.gateways)], QUESTION)

    def status(self, number: int) -> int:
        """Return the status, 0 for a connection that breaks off."""
        try:
            return self.ask(number).status
        except (OSError, http.client.HTTPException):
            return 0


Start = Callable[..., contextlib.AbstractContextManager[Deployment]]


@contextlib.contextmanager
def deployed(folder: Path, service: Service, text: str, *, kind: str) -> Iterator[Deployment]:
    with twin(service.play) as upstream, contextlib.ExitStack() as stack:
        provider = f'{PROVIDER}base_url = "{upstream.url}/v1"\nkey_env = ["K1", "K2"]\n'
        (folder / "gateway.toml").write_text(f'era = "2.36"\n{text}\n{provider}')
        options = ["--config", str(folder / "gateway.toml")]
        options += ["--workers", "2"] if kind == "workers" else []
        count = 1 if kind == "workers" else 2
        started = [
            stack.enter_context(gateway_process(folder / "state", *options)) for _ in range(count)
        ]
        token = started[0][1].token
        gateways = tuple(replace(gateway, token=token) for _, gateway in started)
        # Whatever still waits there must not keep the end of a test.
        stack.callback(service.goes_on.set)
        yield Deployment(gateways, tuple(process for process, _ in started), service, upstream)


@pytest.fixture(params=["workers", pytest.param("replicas", marks=pytest.mark.needs_postgres)])
def start(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setenv("K1", "key-one")
    monkeypatch.setenv("K2", "key-two")
    if request.param == "replicas":
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", server.new_database())
    return lambda service, text: deployed(tmp_path, service, text, kind=request.param)


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def open_service(answer: Callable[[TwinRequest], int] = lambda _: 200) -> Service:
    service = Service(answer)
    service.goes_on.set()
    return service


def test_no_more_than_the_stated_number_is_served_at_once(start: Start) -> None:
    service, most = Service(), 20
    with start(service, f"max_concurrency = {most}") as running, ThreadPoolExecutor(MANY) as lanes:
        asked = [lanes.submit(running.status, number) for number in range(MANY)]
        wait_for(lambda: sum(one.done() for one in asked) == MANY - most)
        refused = Counter(one.result() for one in asked if one.done())
        service.goes_on.set()
        statuses = Counter(one.result(SECONDS) for one in asked)
        # All places are free again, wherever they were.
        service.goes_on.clear()
        wait_for(lambda: _holds(running, lanes, most))
        over = running.ask()
        service.goes_on.set()

    assert refused == {503: MANY - most}
    assert statuses == {503: MANY - most, 200: most}
    assert service.most == most
    assert over.status == 503
    assert b"currently at capacity" in over.body


def _holds(running: Deployment, lanes: ThreadPoolExecutor, most: int) -> bool:
    """Ask for what is missing and say whether `most` are being served."""
    before = running.service.running
    waiting = [lanes.submit(running.status, number) for number in range(most - before)]
    wait_for(
        lambda: (
            running.service.running - before + sum(one.done() for one in waiting) >= len(waiting)
        )
    )
    return running.service.running == most


def test_each_token_has_its_number_a_second_wherever_it_asks(start: Start) -> None:
    most = 20
    with (
        start(open_service(), f"rate_limit = {most}") as running,
        ThreadPoolExecutor(MANY) as lanes,
    ):
        wait_for(lambda: time.time() % 1 < 0.1)
        began = time.time()
        statuses = Counter(lanes.map(running.status, range(MANY)))
        seconds = math.floor(time.time()) - math.floor(began) + 1

    assert set(statuses) == {200, 429}
    assert most <= statuses[200] <= most * seconds


def test_kill_9_frees_the_places_of_the_dead(start: Start) -> None:
    service, most = Service(), 4
    with start(service, f"max_concurrency = {most}") as running, ThreadPoolExecutor(16) as lanes:
        wait_for(lambda: _holds(running, lanes, most))
        assert running.status(0) == running.status(1) == 503
        # With workers all may be in one of them.
        for victim in _killable(running):
            os.kill(victim, signal.SIGKILL)
        wait_for(lambda: service.running == most)
        service.goes_on.set()
        wait_for(lambda: service.running == 0)
        wait_for(lambda: running.status(len(running.gateways) - 1) == 200)
        service.goes_on.clear()
        left = replace(running, gateways=running.gateways[-1:])
        wait_for(lambda: _holds(left, lanes, most))
        assert left.status(0) == 503
        service.goes_on.set()

    assert service.most == most


def _killable(running: Deployment) -> list[int]:
    """Return the first of two gateways, or all workers of one."""
    parent = running.processes[0].pid
    if len(running.processes) > 1:
        return [parent]
    return list(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


def test_a_key_that_one_found_rejected_is_left_alone_by_all(start: Start) -> None:
    def answer(request: TwinRequest) -> int:
        return 401 if request.header("Authorization") == ["Bearer key-one"] else 200

    with start(open_service(answer), "") as running:
        assert running.status(0) == 200
        time.sleep(HEARD_SECONDS)
        statuses = {running.status(number) for number in range(20)}
        keys = Counter(request.header("Authorization")[0] for request in running.upstream.requests)

    assert statuses == {200}
    assert keys == {"Bearer key-one": 1, "Bearer key-two": 21}


BREAKER = """\
[circuit_breaker]
enabled = true
failure_threshold = 4
max_requests = 1
interval_seconds = 60
timeout_seconds = 4
"""


def test_a_circuit_that_opens_is_open_for_all_and_tried_by_one(start: Start) -> None:
    status = [503]
    service = open_service(lambda _: status[0])
    with start(service, BREAKER) as running, ThreadPoolExecutor(20) as lanes:
        # Failures in a row count wherever they were seen.
        for number in range(4):
            assert running.ask(number).body == ANSWER
        time.sleep(HEARD_SECONDS)
        refused = {running.ask(number).body for number in range(20)}
        asked = len(running.upstream.requests)
        # When it is tried again, it is tried once.
        service.goes_on.clear()
        trials = []

        def one_is_held() -> bool:
            trials.extend(lanes.submit(running.status, number) for number in range(4))
            time.sleep(0.1)
            return service.running > 0

        wait_for(one_is_held)
        trials += [lanes.submit(running.status, number) for number in range(8)]
        wait_for(lambda: sum(not one.done() for one in trials) == 1)
        tried = len(running.upstream.requests)
        status[0] = 200
        service.goes_on.set()
        wait_for(lambda: all(running.status(number) == 200 for number in range(8)))

    (body,) = refused
    assert json.loads(body)["error"]["message"] == "circuit breaker is open"
    assert asked == 4
    assert tried == asked + 1
    assert Counter(one.result() for one in trials)[200] == 1


@pytest.mark.needs_postgres
def test_without_the_database_each_counts_alone(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K1", "key-one")
    monkeypatch.setenv("K2", "key-two")
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", postgres.new_database())
    service = Service()
    with (
        deployed(tmp_path, service, "max_concurrency = 1", kind="replicas") as running,
        ThreadPoolExecutor(8) as lanes,
    ):
        held = [lanes.submit(running.status, 0)]
        wait_for(lambda: service.running == 1)
        # The other one learns whose token it is.
        assert running.status(1) == 503
        postgres.stop()
        try:
            held.append(lanes.submit(running.status, 1))
            wait_for(lambda: service.running == 2)
            assert running.status(0) == running.status(1) == 503
        finally:
            postgres.start()
        service.goes_on.set()
        assert [one.result(SECONDS) for one in held] == [200, 200]
        time.sleep(HEARD_SECONDS)
        again = lanes.submit(running.status, 0)
        process = running.processes[1]
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
        assert again.result(SECONDS) == 200

    assert log.count("limits are counted by this process alone while the database is away: ") == 1
    assert log.count("limits hold for all gateways on the database again") == 1
