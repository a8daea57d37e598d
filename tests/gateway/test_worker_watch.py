"""Workers that do not start, or do not stay: in a process of their own, as it has to fork."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

PROGRAM = """\
import logging, os, signal, sys, time
from pathlib import Path
from provisioner.errors import GatewayError
from provisioner.gateway.worker_watch import WorkerWatch

logging.basicConfig(format="%(message)s")
folder = Path(sys.argv[1])

def life(worker, report):
{life}

try:
    with WorkerWatch(life, 2, folder, 1.0) as watch:
        print("ready", watch.start())
        {then}
        watch.run()
except GatewayError as error:
    print("error:", error)
print("left", os.listdir(folder))
"""


def run(folder: Path, life: str, then: str = "") -> subprocess.CompletedProcess[str]:
    indented = "\n".join(f"    {line}" for line in life.splitlines())
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(life=indented, then=then), folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("life", "reason"),
    [
        ("os.write(report, b'no room here')\nreturn 2", "no room here"),
        ("return 2", "it ended with exit code 2"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "it was ended by SIGKILL"),
        ("if worker: time.sleep(60)\nraise KeyboardInterrupt", "it ended with exit code 2"),
    ],
)
def test_workers_that_cannot_start_end_the_parent(tmp_path: Path, life: str, reason: str) -> None:
    done = run(tmp_path, life)

    assert done.stdout == f"error: {reason}\nleft []\n"


def test_workers_that_never_stay_up_end_the_parent_after_pauses(tmp_path: Path) -> None:
    first = "if not (folder / str(worker)).exists():\n    (folder / str(worker)).touch()\n"
    # Long enough for the other one to be ready too: before that, any end is the end.
    good = "    os.write(report, b'+')\n    time.sleep(1)\n"
    life = f"{first}{good}else:\n    os.write(report, b'no more')\nreturn 2"

    done = run(tmp_path, life)

    told, error, _ = done.stdout.splitlines()
    assert (told, error) == ("ready True", "error: the workers do not stay up: no more")
    pauses = [line.rsplit(" ", 2)[1] for line in done.stderr.splitlines() if "worker 0" in line]
    assert pauses[:4] == ["0.2", "0.4", "0.8", "1.6"]


def test_a_worker_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    life = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.write(report, b'+')\ntime.sleep(60)"

    done = run(tmp_path, life, "os.kill(os.getpid(), signal.SIGTERM)")

    assert done.stdout == "ready True\nleft []\n"
    assert done.stderr == "workers that did not stop are killed\n"


def test_a_stop_before_all_are_ready_is_a_stop(tmp_path: Path) -> None:
    life = "if worker:\n    os.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)"

    done = run(tmp_path, life)

    assert (done.stdout, done.stderr) == ("ready False\nleft []\n", "")
