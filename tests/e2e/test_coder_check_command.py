"""`provisioner coder check` as a process: what it prints and writes, and how it gets a token."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.coder_server import CoderServer, coder_server
from tests.support.coder_world import environment, run_at
from tests.support.command import ROOT
from tests.support.tree import write_tree


@pytest.fixture
def server() -> Iterator[CoderServer]:
    with coder_server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "examples/chatgpt.toml", tmp_path / "provisioner.toml")
    return tmp_path


def test_it_writes_the_target_once_and_keeps_the_rest(server: CoderServer, place: Path) -> None:
    spec = place / "provisioner.toml"
    before = spec.read_text()
    spec.chmod(0o640)
    first = run_at(server, "check", "--write", cwd=place)
    second = run_at(server, "check", "--write", "--format", "json", cwd=place)
    told = json.loads(second.stdout)

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.endswith("provisioner.toml: target.coder is 2.37.1 now\n")
    assert "ok        spec: target" in first.stdout
    assert spec.read_text() == f'{before}\n[target]\ncoder = "2.37.1"\n'
    assert spec.stat().st_mode & 0o777 == 0o640
    assert told["target"] == {"coder": "v2.37.1+a1b2c3d", "is_written": False}
    assert told["summary"] == {"ok": 11, "failed": 0, "warning": 0, "skipped": 0}
    assert server.changing == []


def test_a_spec_that_does_not_fit_fails(server: CoderServer, place: Path) -> None:
    server.state.ai_providers = ["openai"]
    done = run_at(server, "check", cwd=place)

    assert done.returncode == 1
    assert "failed    spec: provider chatgpt" in done.stdout
    assert 'to do: an administrator adds a provider of type openai, named "chatgpt"' in done.stdout


def test_without_a_spec_only_the_deployment_is_checked(server: CoderServer, tmp_path: Path) -> None:
    done = run_at(server, "check", cwd=tmp_path)

    assert done.returncode == 0
    assert "spec" not in done.stdout


def test_the_login_of_the_coder_cli_is_enough(server: CoderServer, tmp_path: Path) -> None:
    write_tree(tmp_path / "cli", {"url": server.url, "session": server.state.session_token})
    done = run_at(
        server,
        "check",
        cwd=tmp_path,
        CODER_URL="",
        CODER_SESSION_TOKEN="",
        CODER_CONFIG_DIR=str(tmp_path / "cli"),
    )

    assert done.returncode == 0
    assert "ok        login                       ada" in done.stdout


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("", 130, b"interrupted"),
        ("t\u00f6k\u00e9n\n", 2, b"what the prompt holds is no session token"),
    ],
)
def test_what_is_no_token_at_the_prompt_is_no_crash(
    server: CoderServer, tmp_path: Path, typed: str, code: int, words: bytes
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "coder", "check"],
        cwd=tmp_path,
        env=environment(server, CODER_SESSION_TOKEN=""),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"/cli-auth" not in shown:
        shown += os.read(ours, 1_000)
    if typed:
        os.write(ours, typed.encode())
    else:
        process.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):
        while piece := os.read(ours, 1_000):
            shown += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)

    assert (process.returncode, out) == (code, b"")
    assert words in shown
    assert b"Traceback" not in shown
    assert b"Aborted" not in shown


def test_on_a_terminal_the_token_is_asked_for_and_not_shown(
    server: CoderServer, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "coder", "check"],
        cwd=tmp_path,
        env=environment(server, CODER_SESSION_TOKEN=""),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"/cli-auth" not in shown:
        shown += os.read(ours, 1_000)
    os.write(ours, f"{server.state.session_token}\n".encode())
    out, _ = process.communicate(timeout=60)
    with contextlib.suppress(OSError):
        shown += os.read(ours, 10_000)
    os.close(ours)

    assert process.returncode == 0
    assert b"ok        login                       ada" in out
    assert f"Session token, from {server.url}/cli-auth".encode() in shown
    assert server.state.session_token.encode() not in shown + out
