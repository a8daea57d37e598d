"""A run ends with its deadline, together with everything it started."""

from __future__ import annotations

import os
import stat
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
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z" or not _alive(child)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
