"""A gateway on a machine that has had enough: no disk, no lock, no descriptors, a worker that hangs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from provisioner.gateway.record.model import InterceptionRecord, Outcome
from provisioner.gateway.record.sqlite import DATABASE_NAME
from tests.support.gateway_api import ask
from tests.support.gateway_server import SECONDS, RunningGateway, gateway_process, post
from tests.support.postgres_server import PASSWORD, PostgresServer
from tests.support.relayed import EVENT, OPEN, PROVIDER, chunk
from tests.support.secret_search import SecretSearch
from tests.support.twin import TwinRequest, twin

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of a process that runs")

QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello"}
KEY = "sk-users-own-key-5c0f62a91d"
NOT_RECORDED = (500, b"failed to record interception\n")


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def by_prompt(gateway: RunningGateway) -> dict[str, InterceptionRecord]:
    return {record.prompts[0].prompt: record for record in gateway.records() if record.prompts}


def ask_with_key(gateway: RunningGateway, prompt: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {KEY}", "X-Coder-AI-Governance-Token": gateway.token}
    reply = post(gateway, {**QUESTION, "input": prompt}, headers=headers)
    return reply.status, reply.body


def nothing_told(gateway: RunningGateway, folder: Path, log: str) -> None:
    """Fail when a key is in the log or in any file."""
    search = SecretSearch({"key": KEY, "token": gateway.token})
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name: search.found_in(path.read_bytes()) for path in files} == {
        path.name: [] for path in files
    }
    assert search.found_in(log) == []


def stopped(process: subprocess.Popen[str]) -> str:
    """Stop the gateway and return what it logged."""
    process.terminate()
    _, log = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    return log


@linux
def test_a_disk_that_is_full_loses_nothing(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - Unix alone has it

    (tmp_path / "g.toml").write_text(f'dump_dir = "{tmp_path}/dumps"\n')
    options = ("--config", str(tmp_path / "g.toml"))
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        assert ask_with_key(gateway, "before")[0] == 200
        wait_for(lambda: "before" in by_prompt(gateway))
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        # From now on no file of the process can grow, as on a full disk.
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, hard))
        during = [f"during {number}" for number in range(30)]
        assert {ask_with_key(gateway, prompt)[0] for prompt in during} == {200}
        assert ask(gateway, "/healthz", token="").status == 200
        wait_for(lambda: ask(gateway, "/readyz", token="").status == 503)
        assert set(by_prompt(gateway)) == {"before"}
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        wait_for(lambda: set(during) <= set(by_prompt(gateway)))
        log = stopped(process)

    records = by_prompt(gateway)
    assert set(records) == {"before", *during}
    assert {record.outcome for record in records.values()} == {Outcome.COMPLETED}
    assert "records cannot be stored, trying again" in log
    assert "records can be stored again" in log
    assert "exchange not dumped: File too large" in log
    assert "lost" not in log
    assert "Traceback" not in log
    nothing_told(gateway, tmp_path, log)


def test_a_database_that_another_process_locks_for_long(tmp_path: Path) -> None:
    with gateway_process(tmp_path) as (process, gateway):
        assert ask_with_key(gateway, "before")[0] == 200
        wait_for(lambda: "before" in by_prompt(gateway))
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            # Longer than a write waits for its turn by itself.
            while time.monotonic() < began + 5.5:
                assert ask_with_key(gateway, "during")[0] == 200
                assert ask(gateway, "/api/v2/aibridge/sessions").status == 200
                time.sleep(0.2)
            other.execute("ROLLBACK")
        asked = ask_with_key(gateway, "after")
        wait_for(lambda: "after" in by_prompt(gateway))
        log = stopped(process)

    assert asked[0] == 200
    counts = [record.prompts[0].prompt for record in gateway.records()]
    assert {"before", "during", "after"} == set(counts)
    assert {record.outcome for record in gateway.records()} == {Outcome.COMPLETED}
    assert "lost" not in log
    nothing_told(gateway, tmp_path, log)


@contextlib.contextmanager
def open_stream(gateway: RunningGateway) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/openai/v1/responses", json.dumps(QUESTION), gateway.headers())
        with contextlib.closing(connection.getresponse()) as response:
            yield response


def endless(_: TwinRequest, connection: socket.socket) -> None:
    connection.sendall(OPEN + chunk(EVENT % 1))


@linux
@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_without_descriptors_new_clients_wait_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    import resource  # noqa: PLC0415 - Unix alone has it

    if loop == "asyncio":
        (tmp_path / "uvloop.py").write_text("raise ImportError")
        places = (str(tmp_path), os.environ.get("PYTHONPATH", ""))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))
    else:
        pytest.importorskip("uvloop")
    with twin(endless) as service:
        (tmp_path / "g.toml").write_text(
            f'{PROVIDER}base_url = "{service.url}/v1"\n'
            '[[provider]]\nname = "own"\ntype = "openai"\nupstream = "scripted"\n'
        )
        options = ("--config", str(tmp_path / "g.toml"))
        with gateway_process(tmp_path / "state", *options) as (process, gateway):
            libraries = Path(f"/proc/{process.pid}/maps").read_text()
            assert ("uvloop" in libraries) is (loop == "uvloop")
            soft, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
            assert soft == hard
            kept = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
            own = "/own/v1/responses"
            kept.request("POST", own, json.dumps(QUESTION), gateway.headers())
            assert kept.getresponse().read()
            wait_for(lambda: len(gateway.records()) == 1)
            descriptors = Path(f"/proc/{process.pid}/fd")
            resource.prlimit(
                process.pid, resource.RLIMIT_NOFILE, (len(list(descriptors.iterdir())) + 9, hard)
            )
            with contextlib.ExitStack() as held:
                for _ in range(3):
                    stream = held.enter_context(open_stream(gateway))
                    assert stream.read(len(EVENT % 1)) == EVENT % 1
                waiting = [held.enter_context(gateway.connect()) for _ in range(20)]
                began = cpu_seconds(process.pid)
                time.sleep(1.5)
                assert cpu_seconds(process.pid) - began < 0.5
                kept.request("POST", own, json.dumps(QUESTION), gateway.headers())
                answered = kept.getresponse()
                assert (answered.status, b"completed" in answered.read()) == (200, True)
                kept.request("POST", "/openai/v1/responses", "{}", gateway.headers())
                refused = kept.getresponse()
                assert (refused.status, b"Too many open files" in refused.read()) == (500, True)
                for connection in waiting:
                    connection.close()
            kept.close()
            wait_for(lambda: post(gateway, QUESTION, path=own).status == 200)
            log = stopped(process)

    assert log.count("no more files can be open") == 1
    assert "Traceback" not in log
    assert "lost" not in log


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def workers(parent: int) -> set[int]:
    return set(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


@linux
def test_a_worker_that_hangs_is_replaced_and_what_it_left_is_ended(tmp_path: Path) -> None:
    with twin(endless) as service:
        (tmp_path / "g.toml").write_text(
            f'{PROVIDER}base_url = "{service.url}/v1"\n[listen]\nworkers = 2\nhang_seconds = 2\n'
        )
        options = ("--config", str(tmp_path / "g.toml"))
        with gateway_process(tmp_path / "state", *options) as (process, gateway):
            before = workers(process.pid)
            with open_stream(gateway) as stream:
                assert stream.read(len(EVENT % 1)) == EVENT % 1
                wait_for(lambda: len(gateway.records()) == 1)
                (hung,) = (pid for pid in before if has_connection_of(pid, stream))
                os.kill(hung, signal.SIGSTOP)
                wait_for(lambda: hung not in workers(process.pid))
                # The connection ends with the worker.
                with contextlib.suppress(OSError, http.client.HTTPException):
                    assert stream.read() == b""
            wait_for(lambda: gateway.records()[0].outcome is not Outcome.RUNNING)
            wait_for(lambda: len(workers(process.pid)) == 2)
            after = workers(process.pid)
            (record,) = gateway.records()
            assert {post(gateway, b"{").status for _ in range(10)} == {500}
            log = stopped(process)

    assert len(after & before) == 1
    assert (record.outcome, record.error) == (Outcome.INTERRUPTED, "the gateway was killed")
    (line,) = [line for line in log.splitlines() if "starting it again" in line]
    assert "it did nothing any more and was killed" in line


@linux
def test_a_pause_of_the_whole_gateway_is_no_reason_to_replace_workers(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text("[listen]\nworkers = 2\nhang_seconds = 2\n")
    options = ("--config", str(tmp_path / "g.toml"))
    with gateway_process(tmp_path / "state", *options) as (process, gateway):
        before = workers(process.pid)
        everything = [process.pid, *before]
        for number, pause in ((signal.SIGSTOP, 2.5), (signal.SIGCONT, 1.2)):
            # The parent comes back first, and finds workers that say nothing.
            for pid in everything:
                os.kill(pid, number)
                time.sleep(0.1)
            time.sleep(pause)
        assert {post(gateway, QUESTION).status for _ in range(5)} == {200}
        assert workers(process.pid) == before
        assert "starting it again" not in stopped(process)


@pytest.mark.needs_postgres
def test_a_database_that_lets_nobody_in_for_a_while(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.new_database()
    name = address.rpartition("/")[2]
    monkeypatch.setenv("PROVISIONER_GATEWAY_DATABASE", address)
    with gateway_process(tmp_path) as (process, gateway):
        assert ask_with_key(gateway, "before")[0] == 200
        postgres.run("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        postgres.run("postgres", cut)
        assert ask_with_key(gateway, "during")[0] == 200
        wait_for(lambda: ask(gateway, "/readyz", token="").status == 503)
        time.sleep(0.5)
        postgres.run("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        prompts = "SELECT prompt FROM prompt_usage ORDER BY id"
        wait_for(lambda: len(postgres.run(name, prompts)) == 2)
        log = stopped(process)

    assert [row["prompt"] for row in postgres.run(name, prompts)] == ["before", "during"]
    assert " lost: " not in log
    assert SecretSearch({"password": PASSWORD, "key": KEY}).found_in(log) == []


def has_connection_of(pid: int, stream: http.client.HTTPResponse) -> bool:
    """Say whether the other end of the connection of `stream` is the process `pid`."""
    port = stream.fp.raw._sock.getsockname()[1]  # type: ignore[attr-defined]
    inodes = {
        fields[9]
        for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if fields[2].endswith(f":{port:04X}")
    }
    places = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    return any(f"socket:[{inode}]" in places for inode in inodes)


def test_a_client_that_leaves_while_it_is_dumped_leaves_nothing_running(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text(f'dump_dir = "{tmp_path}/dumps"\n')
    body = json.dumps({**QUESTION, "input": "x" * 3_000_000}).encode()
    with gateway_process(tmp_path / "state", "--config", str(tmp_path / "g.toml")) as (_, gateway):
        head = (
            f"POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: Bearer {gateway.token}\r\n\r\n"
        ).encode()

        def leave(pause: float) -> None:
            with gateway.connect() as connection:
                connection.sendall(head + body)
                time.sleep(pause)

        lanes = [threading.Thread(target=leave, args=(n / 500,)) for n in range(16)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join(SECONDS)
        post(gateway, {**QUESTION, "input": "after"})
        wait_for(lambda: "after" in by_prompt(gateway))
        wait_for(lambda: all(r.outcome is not Outcome.RUNNING for r in gateway.records()))
