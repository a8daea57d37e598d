"""The parent's work: start workers, see which are ready, hang or have ended, start those again."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

from provisioner.errors import GatewayError
from provisioner.gateway.metrics import worker_ended
from provisioner.gateway.worker import BEAT, PARENT_SIGNALS, READY, fork

__all__ = ["WorkerWatch"]

_MOST_FAILURES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
# Whoever lasted so long did not fail to start.
_GOOD_SECONDS = 5.0
_REPORT_BYTES = 4096
_LOOK_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Worker:
    """One place for a worker; `pid` is 0 while nobody is in it, until `due`."""

    number: int
    pid: int = 0
    report: int = -1
    said: bytes = b""
    began: float = 0.0
    heard: float = 0.0
    hung: bool = False
    failures: int = 0
    due: float = 0.0

    @property
    def ready(self) -> bool:
        return self.pid != 0 and self.said.startswith(READY)


class WorkerWatch:
    """Watches over a number of workers; use it in the main thread, as a context."""

    def __init__(
        self,
        life: Callable[[int, int], int],
        count: int,
        shared: Path,
        patience: float,
        *,
        silence: float = 30.0,
    ) -> None:
        """Have `count` workers do `life`, which is told a number and where to report.

        `shared` is where they count; a stop waits `patience` seconds before it kills. A worker
        that reports nothing for `silence` seconds hangs, and is killed.
        """
        self._life = life
        self._workers = [_Worker(number) for number in range(count)]
        self._shared = shared
        self._patience = patience
        self._silence = silence
        self._looked = time.monotonic()
        self._stopping = False

    def __enter__(self) -> Self:
        """Take the signals."""
        self._wakes, self._wake = socket.socketpair()
        self._wakes.setblocking(False)
        self._wake.setblocking(False)
        self._before = {number: signal.signal(number, _nothing) for number in PARENT_SIGNALS}
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all workers: let running answers finish, then end those that do not."""
        try:
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._before.items():
                signal.signal(number, handler)
            self._wakes.close()
            self._wake.close()

    def start(self) -> bool:
        """Start all workers, and say once all are ready; False for a signal that came before.

        Raises `GatewayError` with the reason of the first that cannot start.
        """
        for worker in self._workers:
            self._start(worker)
        while not self._stopping and not all(worker.ready for worker in self._workers):
            self._wait(None)
            self._end_hung()
            for worker in self._workers:
                if self._reaped(worker) and not self._stopping:
                    raise GatewayError(_reason(worker, self._status))
        return not self._stopping

    def run(self) -> None:
        """Keep all workers running until SIGTERM or SIGINT.

        Raises `GatewayError` when none of them can be kept running.
        """
        while not self._stopping:
            now = time.monotonic()
            for worker in self._workers:
                if not worker.pid and worker.due <= now:
                    self._start(worker)
            pauses = [worker.due - now for worker in self._workers if not worker.pid]
            self._wait(max(min(pauses), 0.0) if pauses else None)
            self._end_hung()
            for worker in self._workers:
                if self._reaped(worker) and not self._stopping:
                    self._ended(worker)

    def _start(self, worker: _Worker) -> None:
        report, reports = os.pipe()
        worker.said, worker.report, worker.hung = b"", report, False
        worker.began = worker.heard = time.monotonic()
        os.set_blocking(report, False)
        try:
            worker.pid = fork(lambda: self._life(worker.number, reports))
        finally:
            os.close(reports)

    def _wait(self, seconds: float | None) -> None:
        """Wait for a signal or a report, for a second at most, and take what came."""
        seconds = _LOOK_SECONDS if seconds is None else min(seconds, _LOOK_SECONDS)
        speaking = [worker for worker in self._workers if worker.report >= 0]
        wakes = self._wakes.fileno()
        ready, _, _ = select.select([wakes, *(w.report for w in speaking)], [], [], seconds)
        if wakes in ready:
            came = self._wakes.recv(_REPORT_BYTES)
            self._stopping |= signal.SIGTERM in came or signal.SIGINT in came
        for worker in speaking:
            if worker.report in ready:
                _read_report(worker)

    def _end_hung(self) -> None:
        """Kill the workers that live and do nothing: their connections would wait for ever."""
        now = time.monotonic()
        overslept = now - self._looked - _LOOK_SECONDS
        self._looked = now
        for worker in self._workers:
            if overslept > _LOOK_SECONDS:
                # This process was stopped itself, as when its container is paused.
                worker.heard += overslept
            if worker.pid and not worker.hung and now - worker.heard > self._silence:
                worker.hung = True
                os.kill(worker.pid, signal.SIGKILL)

    def _reaped(self, worker: _Worker) -> bool:
        """Say whether the worker has ended since; `_status` is how."""
        if not worker.pid:
            return False
        pid, status = os.waitpid(worker.pid, os.WNOHANG)
        if not pid:
            return False
        self._status = os.waitstatus_to_exitcode(status)
        while worker.report >= 0:
            _read_report(worker)
        worker.pid = 0
        worker_ended(self._shared, worker.number)
        return True

    def _ended(self, worker: _Worker) -> None:
        """Decide when the worker is started again."""
        lasted = time.monotonic() - worker.began
        good = worker.said.startswith(READY) and lasted >= _GOOD_SECONDS
        worker.failures = 0 if good else worker.failures + 1
        reason = _reason(worker, self._status)
        others = any(other.ready for other in self._workers)
        if worker.failures >= _MOST_FAILURES and not others:
            raise GatewayError(f"the workers do not stay up: {reason}")
        pause = min(_FIRST_PAUSE * 2 ** (worker.failures - 1), _LONGEST_PAUSE)
        pause = pause if worker.failures else 0.0
        worker.due = time.monotonic() + pause
        _log.warning("worker %d: %s; starting it again in %.1f s", worker.number, reason, pause)

    def _stop(self) -> None:
        self._stopping = True
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + self._patience
        while any(worker.pid for worker in self._workers):
            left = deadline - time.monotonic()
            if left <= 0:
                _log.warning("workers that did not stop are killed")
                self._signal(signal.SIGKILL)
                deadline = float("inf")
            self._wait(max(0.0, min(left, self._patience)))
            for worker in self._workers:
                self._reaped(worker)

    def _signal(self, number: signal.Signals) -> None:
        for worker in self._workers:
            if worker.pid:
                os.kill(worker.pid, number)


def _read_report(worker: _Worker) -> None:
    """Take what the worker said; close its report when there is no more."""
    said = os.read(worker.report, _REPORT_BYTES)
    worker.said += said.replace(BEAT, b"")
    worker.heard = time.monotonic()
    if not said:
        os.close(worker.report)
        worker.report = -1


def _reason(worker: _Worker, status: int) -> str:
    """Return why the worker has ended."""
    if worker.said and not worker.said.startswith(READY):
        return worker.said.decode(errors="replace")
    if worker.hung:
        return "it did nothing any more and was killed"
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    return f"it ended with exit code {status}"


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal by its byte in the socket alone."""
