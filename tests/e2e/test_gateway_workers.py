"""`provisioner gateway serve --workers`: one gateway to its clients, whichever process answers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.gateway.record.first_token import first_token
from provisioner.gateway.record.model import InterceptionRecord, Outcome
from provisioner.gateway.record.opened import open_database, open_for_reading
from provisioner.gateway.record.schema import interception
from provisioner.gateway.record.sqlite import DATABASE_NAME
from provisioner.gateway.record.store import all_interceptions
from tests.support.command import provisioner
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, post
from tests.support.tree import write_tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello"}
TWO = ("--workers", "2")
KILLS = 3
LANES = 4
# The promise is one; the other is for a machine that runs all tests at once.
DURABLE_SECONDS = 2
SLOW = """\
provider = [{ name = "openai", type = "openai", upstream = "scripted", script = "turns.toml" }]
"""
SLOW_TURN = '[[turn]]\ntext = "one two three"\npause_seconds = 0.2\n'


@pytest.fixture
def address(address: str | None, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Where the database is; gateways and commands learn it from the environment."""
    if address is not None:
        monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    return address


def records(state: Path, address: str | None) -> list[InterceptionRecord]:
    database = open_for_reading(state, address)
    with closing(database):
        return list(all_interceptions(database))


def writers(state: Path, address: str | None) -> set[str]:
    """Return the ids of the workers that recorded something."""
    database = open_for_reading(state, address)
    with closing(database):
        query = select(interception.c.gateway_id).distinct()
        return set(database.read(lambda connection: connection.execute(query).scalars().all()))


def workers(parent: int) -> set[int]:
    """Return the processes that `parent` has started."""
    return set(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


def test_records_and_counts_of_all_workers_are_one(tmp_path: Path, address: str | None) -> None:
    with gateway_process(tmp_path, *TWO) as (process, gateway):
        assert len(workers(process.pid)) == 2
        prompts = [f"question {number}" for number in range(40)]
        for prompt in prompts:
            assert post(gateway, {**QUESTION, "input": prompt}).status == 200
        wait_for(
            lambda: sum(r.ended_at is not None for r in records(tmp_path, address)) == len(prompts)
        )
        listed = records(tmp_path, address)
        counted = {ask(gateway, "/metrics").body for _ in range(8)}
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""

    assert [record.prompts[0].prompt for record in reversed(listed)] == prompts
    assert len(writers(tmp_path, address)) == 2
    (text,) = counted
    (total,) = (
        line
        for line in text.splitlines()
        if line.startswith(b"coder_aibridged_interceptions_total")
    )
    assert total.endswith(b" 40.0")


class Load:
    """Requests one after another on each of a few lanes, each on a connection of its own."""

    def __init__(self, gateway: RunningGateway) -> None:
        self.answered: list[tuple[float, str]] = []
        self.failed: list[tuple[float, float]] = []
        self._gateway = gateway
        self._over = threading.Event()
        self._lanes = [threading.Thread(target=self._run, args=(lane,)) for lane in range(LANES)]
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        self._over.set()
        for lane in self._lanes:
            lane.join(SECONDS)
            assert not lane.is_alive()

    def _run(self, lane: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            prompt, began = f"{lane} {number}", time.monotonic()
            try:
                reply = post(self._gateway, {**QUESTION, "input": prompt})
                whole = reply.status == 200 and b"response.completed" in reply.body
            except (OSError, http.client.HTTPException):
                whole = False
            if whole:
                self.answered.append((time.monotonic(), prompt))
            else:
                self.failed.append((began, time.monotonic()))


def test_kill_9_of_a_worker_loses_no_durable_record_and_no_later_request(
    tmp_path: Path, address: str | None
) -> None:
    # From the kill until the parent has seen it, and since when that worker may have lost records.
    gaps: list[tuple[float, float]] = []
    with gateway_process(tmp_path, *TWO) as (process, gateway):
        load = Load(gateway)
        for _ in range(KILLS):
            time.sleep(DURABLE_SECONDS + 0.3)
            victim = min(workers(process.pid))
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda victim=victim: victim not in workers(process.pid))  # type: ignore[misc]
            gaps.append((killed, time.monotonic()))
            wait_for(lambda: len(workers(process.pid)) == 2)
        time.sleep(1)
        load.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        log = process.stderr.read()

    late = [
        (began, ended)
        for began, ended in load.failed
        if not any(began < gone and ended >= killed for killed, gone in gaps)
    ]
    assert late == []
    owed = {
        prompt
        for when, prompt in load.answered
        if not any(killed - DURABLE_SECONDS < when < gone for killed, gone in gaps)
    }
    held = {
        record.prompts[0].prompt: record for record in records(tmp_path, address) if record.prompts
    }
    assert len(owed) > KILLS * LANES
    assert owed - set(held) == set()
    assert {held[prompt].outcome for prompt in owed} == {Outcome.COMPLETED}
    assert log.count("it was ended by SIGKILL; starting it again in ") == KILLS


def test_a_revoked_token_is_refused_by_every_worker_within_a_second(
    tmp_path: Path, address: str | None
) -> None:
    with gateway_process(tmp_path, *TWO) as (_, gateway):
        made = provisioner("gateway", "token", "create", "--state", tmp_path, "--name", "laptop")
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        before = {post(gateway, QUESTION, headers=headers).status for _ in range(20)}
        gone = ask(gateway, "/api/v2/users/local/keys/laptop", method="DELETE")
        time.sleep(1)
        after = {post(gateway, QUESTION, headers=headers).status for _ in range(20)}

    assert (before, gone.status, after) == ({200}, 204, {403})
    if address is not None:
        assert not list(tmp_path.iterdir())


def test_log_lines_of_any_length_stay_whole(tmp_path: Path) -> None:
    write_tree(tmp_path, {"gateway.toml": "structured_logging = true\nlisten.workers = 3\n"})
    options = ("--config", str(tmp_path / "gateway.toml"))
    prompts = [f"{number} " + "word " * 40_000 for number in range(24)]
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        assert process.stderr is not None
        with ThreadPoolExecutor(13) as lanes:
            lines = lanes.submit(process.stderr.readlines)
            asked = lanes.map(lambda prompt: post(gateway, {**QUESTION, "input": prompt}), prompts)
            assert {reply.status for reply in asked} == {200}
            process.send_signal(signal.SIGTERM)
            documents = [json.loads(line) for line in lines.result(SECONDS)]

    logged = [entry["prompt"] for entry in documents if entry["record_type"] == "prompt_usage"]
    assert sorted(logged) == sorted(prompts)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_the_answers_of_all_workers_finish(
    tmp_path: Path, number: signal.Signals
) -> None:
    write_tree(tmp_path, {"gateway.toml": SLOW, "turns.toml": SLOW_TURN})
    options = ("--config", str(tmp_path / "gateway.toml"), *TWO)
    bodies: list[bytes] = []
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        lanes = [
            threading.Thread(target=lambda: bodies.append(post(gateway, QUESTION).body))
            for _ in range(12)
        ]
        for lane in lanes:
            lane.start()
        wait_for(lambda: len(gateway.records()) == len(lanes))
        process.send_signal(number)
        code = process.wait(SECONDS)
        for lane in lanes:
            lane.join(SECONDS)

    assert code == 0
    assert [b"response.completed" in body for body in bodies] == [True] * len(lanes)
    assert {record.outcome for record in gateway.records()} == {Outcome.COMPLETED}
    assert len(writers(tmp_path / "state", None)) == 2


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with gateway_process(tmp_path, *TWO) as (process, gateway):
        before = workers(process.pid)
        post(gateway, QUESTION)
        process.kill()
        process.wait(SECONDS)
        wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in before))

    assert refuses(gateway.port)
    (record,) = gateway.records()
    assert record.outcome is Outcome.COMPLETED


def test_a_worker_that_is_told_to_stop_is_started_again(tmp_path: Path) -> None:
    with gateway_process(tmp_path, *TWO) as (process, gateway):
        before = workers(process.pid)
        for worker in before:
            os.kill(worker, signal.SIGTERM)
        wait_for(lambda: not before & workers(process.pid))
        wait_for(lambda: not refuses(gateway.port))
        assert post(gateway, QUESTION).status == 200


def test_a_second_gateway_on_the_port_is_refused(tmp_path: Path) -> None:
    with gateway_process(tmp_path / "first", *TWO) as (_, gateway):
        options = ("--port", str(gateway.port), "--state", tmp_path / "second")
        alone = provisioner("gateway", "serve", *options)
        several = provisioner("gateway", "serve", *options, *TWO)

    for done in (alone, several):
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: cannot listen on 127.0.0.1 port {gateway.port}: ")
        assert len(done.stderr.splitlines()) == 1


def test_a_database_gets_one_first_token_or_none(tmp_path: Path, address: str | None) -> None:
    write_tree(tmp_path, {"gateway.toml": "first_token = false\nlisten.workers = 2\n"})
    options = ("--config", str(tmp_path / "gateway.toml"))
    state = tmp_path / "state"
    with gateway_process(state, *options) as (process, none):
        assert (none.token, len(workers(process.pid))) == ("", 2)
    with gateway_process(state, *TWO) as (_, first), gateway_process(state, *TWO) as (_, second):
        assert (first.token.startswith("prv_"), second.token) == (True, "")
        assert post(second, QUESTION, headers=first.headers()).status == 200
    assert (state / DATABASE_NAME).exists() == (address is None)


def test_gateways_that_start_at_once_make_one_first_token(
    tmp_path: Path, address: str | None
) -> None:
    with ThreadPoolExecutor(6) as hosts:
        databases = list(hosts.map(lambda _: open_database(tmp_path, address), range(6)))
        made = list(hosts.map(lambda database: database.write_plain(first_token), databases))
    for database in databases:
        database.close()

    assert sum(token is not None for token in made) == 1
