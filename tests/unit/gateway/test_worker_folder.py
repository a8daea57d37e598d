"""What killed gateways left behind is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from provisioner.gateway.worker_folder import worker_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

# Makes a folder, and a worker that says where it is and outlives its parent.
PROGRAM = """
import os, time
from provisioner.gateway.worker_folder import worker_folder
with worker_folder() as folder:
    if os.fork() == 0:
        print(folder, os.getpid(), flush=True)
        time.sleep(600)
    else:
        time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def left_over(temporary: Path) -> set[Path]:
    """Start a gateway, which tidies up, and return what is there once it has ended."""
    with worker_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder in set(temporary.iterdir())
    return set(temporary.iterdir())


def test_a_folder_is_kept_as_long_as_anybody_uses_it(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        name, worker = parent.stdout.readline().split()
        with worker_folder():
            seen = [left_over(temporary)]
        parent.kill()
        parent.wait()
        seen.append(left_over(temporary))
        os.kill(int(worker), 9)
        # The worker held the other end until it was gone.
        assert parent.stdout.read() == ""
    seen.append(left_over(temporary))

    assert Path(name) in seen[0]
    assert len(seen[0]) == 2
    assert seen[1:] == [{Path(name)}, set()]


def test_what_is_not_known_to_be_left_over_stays(temporary: Path) -> None:
    for name in ("unlocked", "linked-target/in-use"):
        (temporary / f"provisioner-gateway-{name}").mkdir(parents=True)
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / "in-use").touch()
    (temporary / "provisioner-gateway-link").symlink_to(temporary / "elsewhere")
    (temporary / "provisioner-gateway-file").touch()
    before = set(temporary.rglob("*"))

    left_over(temporary)

    assert set(temporary.rglob("*")) == before
