"""`provisioner gateway` as users and other programs run it: a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.gateway.record.model import Outcome
from provisioner.gateway.record.sqlite import DATABASE_NAME
from tests.support.command import provisioner
from tests.support.gateway_server import SECONDS, gateway_process, post
from tests.support.tree import write_tree

QUESTION = {"model": "gpt-5.5", "stream": True, "input": "hello"}


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    assert process.stdout is not None
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    return process.wait(SECONDS), process.stdout.read(), process.stderr.read()


def test_ready_line_answer_and_graceful_stop(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"
    with gateway_process(state) as (process, gateway):
        assert gateway.state == state
        assert gateway.token.startswith("prv_")
        assert post(gateway, QUESTION).status == 200
        code, out, err = finished(process)

    assert (code, out, err) == (0, "", "")
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / DATABASE_NAME).stat().st_mode) == 0o600
    (record,) = gateway.records()
    assert record.outcome is Outcome.COMPLETED
    assert gateway.token.encode() not in (state / DATABASE_NAME).read_bytes()


def test_the_token_is_told_once_and_more_can_be_made(tmp_path: Path) -> None:
    with gateway_process(tmp_path) as (process, first):
        finished(process)
    with gateway_process(tmp_path) as (process, second):
        made = provisioner("gateway", "token", "create", "--state", tmp_path, "--user", "ada")
        told = provisioner("gateway", "token", "create", "--state", tmp_path, "--format", "json")
        for token in (first.token, made.stdout.strip(), json.loads(told.stdout)["token"]):
            headers = {"Authorization": f"Bearer {token}"}
            assert post(second, QUESTION, headers=headers).status == 200
        finished(process)

    assert second.token == ""
    assert json.loads(told.stdout)["user"] == "local"
    assert [record.initiator for record in second.records()] == ["local", "ada", "local"]


def test_a_record_survives_kill_9(tmp_path: Path) -> None:
    with gateway_process(tmp_path) as (process, gateway):
        post(gateway, QUESTION)
        gateway.ended(1)
        process.kill()
        process.wait(SECONDS)

    (record,) = gateway.records()
    assert record.outcome is Outcome.COMPLETED
    assert [prompt.prompt for prompt in record.prompts] == ["hello"]
    with gateway_process(tmp_path) as (process, again):
        post(again, QUESTION, headers=gateway.headers())
        finished(process)
    assert len(again.records()) == 2


def test_the_text_form_says_what_to_do_next(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "provisioner", "gateway", "serve", "--port", "0", "--state"]
    texts = []
    for _ in range(2):
        with subprocess.Popen(
            [*command, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            code, rest, err = finished(process)
            texts.append(first + rest)
            assert (code, err) == (0, "")

    fresh, later = texts
    url = fresh.splitlines()[0].removeprefix("gateway ready on ")
    assert f"{url}/api/v2/aibridge/openai/v1" in fresh
    assert "prv_" in fresh
    assert str(tmp_path) in fresh
    assert "codex exec" in fresh
    assert "prv_" not in later
    assert f"provisioner gateway token create --state {tmp_path}" in later


def test_verbose_logs_requests_without_secrets(tmp_path: Path) -> None:
    with gateway_process(tmp_path, "--verbose") as (process, gateway):
        headers = {
            "Authorization": "Bearer sk-personal-123456",
            "X-Coder-AI-Governance-Token": gateway.token,
        }
        post(gateway, QUESTION, path="/openai/v1/responses?key=in-query", headers=headers)
        post(gateway, QUESTION, path="/no%0Awhere", headers=headers)
        _, out, err = finished(process)

    assert out == ""
    assert " INFO POST /openai/v1/responses 200 " in err
    assert " INFO POST /no%0Awhere 404 " in err
    assert len(err.splitlines()) == 2
    for secret in ("sk-personal", gateway.token, "in-query"):
        assert secret not in err


def test_a_request_that_is_not_http_gets_no_traceback(tmp_path: Path) -> None:
    with gateway_process(tmp_path, "--verbose") as (process, gateway):
        with gateway.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nsecret without a colon\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        _, _, err = finished(process)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert "Traceback" not in err
    assert "secret" not in err


def test_interceptions_are_listed_newest_first_while_the_gateway_runs(tmp_path: Path) -> None:
    turns = (
        '[[turn]]\n[[turn.tool_call]]\nname = "exec_command"\narguments = { cmd = "true" }\n'
        "[turn.usage]\ninput_tokens = 12\ncached_tokens = 2\noutput_tokens = 3\n"
    )
    config = (
        '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "scripted"\nscript = "t.toml"\n'
    )
    write_tree(tmp_path, {"gateway.toml": config, "t.toml": turns})
    with gateway_process(tmp_path / "s", "--config", str(tmp_path / "gateway.toml")) as (
        _,
        gateway,
    ):
        post(gateway, QUESTION)
        post(gateway, {**QUESTION, "model": "evil\x1b[31m"})
        gateway.ended(2)
        listed = ("gateway", "session", "interceptions", "--state", gateway.state)
        as_text = provisioner(*listed)
        limited = (*listed, "--limit", "1", "--format", "json")
        as_json = provisioner(*limited)
        after = provisioner(*limited, "--after", json.loads(as_json.stdout)["records"][0]["id"])

    heading, newest, oldest = as_text.stdout.splitlines()
    assert heading.split()[:3] == ["STARTED", "ENDED", "PROVIDER"]
    assert "evil?[31m" in newest
    for cell in (
        "openai",
        "gpt-5.5",
        "centralized",
        "local",
        "completed 200",
        " 10 ",
        "exec_command",
    ):
        assert cell in oldest
    (entry,) = json.loads(as_json.stdout)["records"]
    assert entry["model"] == "evil\x1b[31m"
    assert [tool["tool"] for tool in entry["tools"]] == ["exec_command"]
    (usage,) = entry["token_usage"]
    assert [usage[name] for name in ("input", "cache_read", "output")] == [10, 2, 3]
    assert [entry["model"] for entry in json.loads(after.stdout)["records"]] == ["gpt-5.5"]


def test_an_empty_list_and_a_missing_state(tmp_path: Path) -> None:
    with gateway_process(tmp_path / "state"):
        listed = provisioner("gateway", "session", "list", "--state", tmp_path / "state")
    missing = provisioner("gateway", "session", "list", "--state", tmp_path / "nothing")
    making = provisioner("gateway", "token", "create", "--state", tmp_path / "nothing")

    assert (listed.returncode, listed.stdout) == (0, "no sessions recorded yet\n")
    for done in (missing, making):
        assert (done.returncode, done.stdout) == (2, "")
        assert f'no gateway state in "{tmp_path / "nothing"}"' in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_port_in_use_is_one_clear_error_and_makes_no_token(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = provisioner("gateway", "serve", "--port", port, "--state", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: cannot listen on 127.0.0.1 port {port}: ")
    assert len(done.stderr.splitlines()) == 1
    with gateway_process(tmp_path) as (_, gateway):
        assert gateway.token


def test_a_state_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    state = tmp_path / "file" / "state"

    done = provisioner("gateway", "serve", "--port", "0", "--state", state)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'error: cannot write to state directory "{state}": Not a directory\n'


@pytest.mark.parametrize("arguments", [["serve", "--port", "0"], ["session", "list"]])
def test_a_state_that_is_no_database(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / DATABASE_NAME).write_text("this is not a database, whatever its name says")

    done = provisioner("gateway", *arguments, "--state", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: cannot ")
    assert "file is not a database" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_bad_configuration_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("allow_byok = 7\nlisten.prot = 1\n")

    done = provisioner("gateway", "serve", "--config", tmp_path / "gateway.toml")

    assert (done.returncode, done.stdout) == (2, "")
    path = tmp_path / "gateway.toml"
    assert f"{path}: listen.prot: unknown key" in done.stderr
    assert f"{path}: allow_byok: input should be a valid boolean" in done.stderr
    assert "Traceback" not in done.stderr


SCRIPTED = '[[provider]]\nname = "p"\ntype = "openai"\nupstream = "scripted"\n'


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('dump_dir = "/proc/nope/dumps"', 'dump_dir: cannot write to "/proc/nope/dumps": No such'),
        (f'{SCRIPTED}script = "missing.toml"', 'provider[1].script: cannot read "@@/missing.toml"'),
        (
            f'{SCRIPTED}script = "gateway.toml"',
            "provider[1].script: @@/gateway.toml: turn: field required",
        ),
        (
            SCRIPTED.replace("scripted", "openai") + 'key_env = ["NOT_SET"]',
            'provider[1]: provider "p": the environment variable "NOT_SET" is not set; put the',
        ),
    ],
)
def test_what_the_configuration_names_and_is_not_there(
    tmp_path: Path, settings: str, message: str
) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(settings)

    done = provisioner("gateway", "serve", "--config", path, "--port", "0", "--state", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {path}: {message.replace('@@', str(tmp_path))}")
