"""Gateways that are killed, databases that go away, replicas that share one: nothing is lost."""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from provisioner.gateway.record.database import Database
from provisioner.gateway.record.model import InterceptionRecord, Outcome
from provisioner.gateway.record.opened import open_for_reading
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.store import all_interceptions, interceptions_where
from tests.support.command import provisioner
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, post
from tests.support.postgres_server import PASSWORD, PostgresServer

QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello"}
# CONTRIBUTING.md says when to ask for more.
KILLS = int(os.environ.get("PROVISIONER_KILLS", "5"))
LANES = 4
MOST_SECONDS = 6.0


@pytest.fixture
def address(address: str | None, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Where the database is; gateways and commands learn it from the environment."""
    return None if address is None else use(address, monkeypatch)


def use(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    return address


def records(state: Path, address: str | None) -> dict[str, InterceptionRecord]:
    """Return the records by the prompt that each holds; those without an answer by their id."""
    database: Database = open_for_reading(state, address)
    with closing(database):
        found = list(all_interceptions(database))
    return {r.prompts[0].prompt if r.prompts else r.id: r for r in found}


class Load:
    """Requests one after another at one gateway, until it is gone."""

    def __init__(self, gateway: RunningGateway, token: str, name: str) -> None:
        self.answered: list[str] = []
        self._gateway, self._token, self._name = gateway, token, name
        self._lanes = [threading.Thread(target=self._run, args=(lane,)) for lane in range(LANES)]
        for lane in self._lanes:
            lane.start()

    def join(self) -> None:
        for lane in self._lanes:
            lane.join(SECONDS)
            assert not lane.is_alive()

    def _run(self, lane: int) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        for number in range(10_000):
            prompt = f"{self._name} {lane} {number}"
            try:
                reply = post(self._gateway, {**QUESTION, "input": prompt}, headers=headers)
            except (OSError, http.client.HTTPException):
                return
            if reply.status == 200 and b"response.completed" in reply.body:
                self.answered.append(prompt)
            time.sleep(0.01)


def durable_seconds() -> float:
    """Return the second after which a record is durable; more where programs wait for processors.

    With six of them for each, a gateway has a sixth of that second for itself.
    """
    programs = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(max(1.0, programs), MOST_SECONDS)


def any_running(state: Path, address: str | None) -> bool:
    with closing(open_for_reading(state, address)) as database:
        running = interception.c.outcome == Outcome.RUNNING.value
        return bool(database.read(lambda c: interceptions_where(c, running, limit=1)))


def test_kill_9_under_load_loses_no_record_that_was_durable(
    tmp_path: Path, address: str | None
) -> None:
    token, acknowledged = "", set[str]()
    pause = random.Random(7)
    for turn in range(KILLS):
        with gateway_process(tmp_path) as (process, gateway):
            token = gateway.token or token
            load = Load(gateway, token, f"turn {turn}")
            time.sleep(0.2 + pause.random() / 2)
            answered = tuple(load.answered)
            time.sleep(durable_seconds())
            process.kill()
            process.wait(SECONDS)
            load.join()
        acknowledged |= set(answered)

    with gateway_process(tmp_path):
        wait_for(lambda: not any_running(tmp_path, address))
    held = records(tmp_path, address)
    assert len(acknowledged) > KILLS
    assert acknowledged - set(held) == set()
    assert {held[prompt].outcome for prompt in acknowledged} == {Outcome.COMPLETED}
    assert {len(held[prompt].token_usage) for prompt in acknowledged} == {1}
    if address is None:
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_a_killed_gateway_left_running_is_ended_by_the_next(
    tmp_path: Path, address: str | None
) -> None:
    (tmp_path / "turns.toml").write_text('[[turn]]\ntext = "' + "word " * 300_000 + '"\n')
    (tmp_path / "gateway.toml").write_text(
        '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\n'
        'script = "turns.toml"\n'
    )
    state, options = tmp_path / "state", ("--config", str(tmp_path / "gateway.toml"))
    body = json.dumps(QUESTION)
    with gateway_process(state, *options) as (process, gateway), gateway.connect() as connection:
        # A client that does not read keeps its request running, once all buffers are full.
        head = f"POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        auth = f"Authorization: Bearer {gateway.token}\r\n\r\n"
        connection.sendall((head + auth + body).encode())
        wait_for(lambda: len(records(state, address)) == 1)
        process.kill()
        process.wait(SECONDS)

    (running,) = records(state, address).values()
    with gateway_process(state, *options):
        wait_for(lambda: next(iter(records(state, address).values())).ended_at is not None)
    (ended,) = records(state, address).values()
    assert (running.outcome, ended.outcome) == (Outcome.RUNNING, Outcome.INTERRUPTED)
    assert ended.error == "the gateway was killed"


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_token_revoked_on_one_replica_is_refused_by_the_other_within_a_second(
    tmp_path: Path, address: str | None
) -> None:
    with (
        gateway_process(tmp_path) as (_, first),
        gateway_process(tmp_path) as (_, second),
    ):
        path = "/api/v2/users/ada/keys/tokens"
        made = ask(first, path, method="POST", body={"token_name": "laptop"})
        headers = {"Authorization": f"Bearer {json.loads(made.body)['key']}"}
        assert [post(one, QUESTION, headers=headers).status for one in (first, second)] == [200] * 2

        gone = ask(first, "/api/v2/users/ada/keys/laptop", method="DELETE")
        at = time.monotonic()
        assert gone.status == 204
        assert post(first, QUESTION, headers=headers).status == 403
        while post(second, QUESTION, headers=headers).status != 403:
            assert time.monotonic() < at + 1
        assert ask(second, "/api/v2/aibridge/sessions", token=first.token).status == 200
    if address is not None:
        assert not (tmp_path / DATABASE_NAME).exists()


@pytest.fixture
def breakable(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[PostgresServer, str]]:
    yield postgres, use(postgres.new_database(), monkeypatch)
    postgres.stop()
    postgres.start()


@pytest.mark.needs_postgres
def test_records_wait_for_a_database_that_is_away(
    breakable: tuple[PostgresServer, str], tmp_path: Path
) -> None:
    server, address = breakable
    with gateway_process(tmp_path) as (process, gateway):
        post(gateway, {**QUESTION, "input": "before"})
        wait_for(lambda: "before" in records(tmp_path, address))
        server.stop()
        spent = []
        for number in range(20):
            began = time.monotonic()
            assert post(gateway, {**QUESTION, "input": f"away {number}"}).status == 200
            spent.append(time.monotonic() - began)
        stranger = post(gateway, QUESTION, headers={"Authorization": "Bearer prv_stranger"})
        assert (stranger.status, stranger.body) == (503, b"could not connect to coderd\n")
        assert ask(gateway, "/readyz", token="").status == 503
        assert ask(gateway, "/healthz", token="").status == 200
        assert ask(gateway, "/api/v2/aibridge/sessions").status == 503
        server.start()
        wait_for(lambda: ask(gateway, "/readyz", token="").status == 200)
        post(gateway, {**QUESTION, "input": "after"})
        wait_for(lambda: "after" in records(tmp_path, address))
        held = records(tmp_path, address)
        process.terminate()
        process.wait(SECONDS)
        assert process.stderr is not None
        log = process.stderr.read()

    assert set(held) == {"before", "after", *(f"away {number}" for number in range(20))}
    # An answer never waits for the record of it.
    assert sorted(spent)[len(spent) // 2] < 0.5
    assert "records cannot be stored, trying again" in log
    assert "records can be stored again" in log
    assert "record lost" not in log
    assert "records lost" not in log
    assert PASSWORD not in log


@pytest.mark.needs_postgres
def test_a_gateway_does_not_start_without_its_database(
    breakable: tuple[PostgresServer, str], tmp_path: Path
) -> None:
    server, _ = breakable
    server.stop()

    done = provisioner("gateway", "serve", "--port", "0", "--state", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('error: cannot use "postgresql://gateway:***@127.0.0.1:')
    assert len(done.stderr.splitlines()) == 1
    assert PASSWORD not in done.stderr
