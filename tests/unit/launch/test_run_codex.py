"""A run ends with its deadline, together with everything it started."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from provisioner.launch.run_codex import run_codex


def script(folder: Path, text: str) -> Path:
    path = folder / "codex"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    launcher = script(tmp_path, 'echo "$1 $NAME"; echo oops >&2; cat; exit 3')

    run = run_codex(launcher, ["hello"], environment={"NAME": "n", "PATH": "/bin"}, deadline=20)

    assert (run.exit_code, run.stdout, run.stderr) == (3, "hello n\n", "oops\n")


def test_the_deadline_ends_the_whole_process_group(tmp_path: Path) -> None:
    launcher = script(tmp_path, "sleep 600 & echo $!; wait")

    run = run_codex(launcher, [], environment={"PATH": "/bin:/usr/bin"}, deadline=0.5)

    assert run.exit_code is None
    child = int(run.stdout)
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Whether the process is there and is no zombie that waits for its parent."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state not in "ZX"


def test_what_codex_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    launcher = script(tmp_path, f'export > "{tmp_path}/snapshot"')
    before = os.umask(0)
    try:
        run_codex(launcher, [], environment={"KEY": "k", "PATH": "/bin"}, deadline=20)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "snapshot").stat().st_mode) == 0o600
