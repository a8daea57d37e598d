"""The processes of a gateway from outside: their memory, file descriptors and waiting tasks."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Sample", "Watch"]

_SECONDS = 10


@dataclass(frozen=True)
class Sample:
    """All processes of a gateway together, and the one that has most."""

    memory: int
    """In KiB, of the one that has most."""
    descriptors: int
    tasks: int


class Watch:
    """Looks at the gateway `pid`, which is `tests.soak.serve` with `folder`; on Linux alone."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._pid = pid
        self._folder = folder

    def sample(self) -> Sample:
        """Return how things are now."""
        pids = self._serving()
        return Sample(
            max(map(_memory, pids)),
            sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
            sum(map(self._tasks, pids)),
        )

    def _serving(self) -> list[int]:
        children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
        return list(map(int, children)) or [self._pid]

    def _tasks(self, pid: int) -> int:
        told = self._folder / str(pid)
        told.unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR1)
        deadline = time.monotonic() + _SECONDS
        while not told.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the process {pid} hangs")
            time.sleep(0.02)
        return int(told.read_text())


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
