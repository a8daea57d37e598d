"""Run Codex without a terminal, with a deadline that nothing it starts survives."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner.redact import Secret

__all__ = ["CodexRun", "end_all_runs", "run_codex"]

# Process groups of the runs under way. Codex has a session of its own, so an interrupt of ours does
# not reach it.
_running: set[int] = set()


@dataclass(frozen=True, slots=True)
class CodexRun:
    """What one run printed and how it ended; `exit_code` is None when the deadline ended it."""

    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float


def run_codex(
    launcher: Path,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    deadline: float,
    stdin: Secret | None = None,
) -> CodexRun:
    """Run Codex with `arguments` for at most `deadline` seconds; `stdin` is all that it can read.

    Codex reads standard input to its end when it is not a terminal. What it writes is for its owner
    only: measured on 0.169, it keeps the environment, secrets included, in `shell_snapshots` with
    the mode that the umask leaves.
    """
    start = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - the launcher is ours, the arguments a list
        [launcher, *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        umask=0o077,
    )
    exit_code: int | None
    _running.add(process.pid)
    try:
        given = None if stdin is None else stdin.reveal().encode()
        stdout, stderr = process.communicate(given, timeout=deadline)
        exit_code = process.returncode
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        stdout, stderr = process.communicate()
        exit_code = None
    except BaseException:
        _kill_group(process.pid)
        process.wait()
        raise
    finally:
        _running.discard(process.pid)
    seconds = time.monotonic() - start
    return CodexRun(exit_code, _text(stdout), _text(stderr), seconds)


def end_all_runs() -> None:
    """Kill every run under way, in whatever thread it was started."""
    for group in tuple(_running):
        _kill_group(group)


def _kill_group(group: int) -> None:
    """The launcher is a Node.js parent of the real program: end both."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _text(output: bytes) -> str:
    return output.decode("utf-8", errors="replace")
