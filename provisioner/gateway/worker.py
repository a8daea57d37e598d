"""One of several workers: a copy of the process that starts them, with a gateway in it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from provisioner.errors import ProvisionerError
from provisioner.gateway.event_loop import run
from provisioner.gateway.logs import log_in_turn
from provisioner.gateway.metrics import count_together
from provisioner.gateway.server import GatewayServer
from provisioner.gateway.serving import serve_until_told

__all__ = ["BEAT", "PARENT_SIGNALS", "READY", "fork", "run_worker"]

BEAT = b"\0"
"""What a worker reports every second, from its event loop: that it can still do something."""

PARENT_SIGNALS = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM)
"""What the parent handles in its own way, and a worker must not."""

READY = b"+"
"""What a worker reports once it accepts connections; anything else is why it does not."""

_BEAT_SECONDS = 1.0
# Linux tells there; elsewhere nobody does.
_TASKS = Path("/proc/self/task")
_EXIT_SECONDS = 1.0

_log = logging.getLogger(__name__)


def fork(life: Callable[[], int]) -> int:
    """Start a copy of this process that does `life` and exits with its result; return its number.

    This process must have one thread only.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    _wait_for_one_thread()
    # A signal in between would be handled by the copy as if it were the parent.
    signal.pthread_sigmask(signal.SIG_BLOCK, PARENT_SIGNALS)
    try:
        number = os.fork()
        if number == 0:
            _live(life)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PARENT_SIGNALS)
    return number


def _wait_for_one_thread() -> None:
    """Wait until threads that Python has joined are gone for the system too.

    On its way out a thread still lets OpenSSL tidy up, under a lock that a copy made just then
    would keep for ever.
    """
    by = time.monotonic() + _EXIT_SECONDS
    with suppress(OSError):
        while len(list(_TASKS.iterdir())) > 1 and time.monotonic() < by:
            time.sleep(0.001)


def _live(life: Callable[[], int]) -> None:
    code = 2
    try:
        signal.set_wakeup_fd(-1)
        for number in PARENT_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PARENT_SIGNALS)
        code = life()
    finally:
        # What the parent has open and would clean up is not the copy's.
        os._exit(code)


def run_worker(
    server: GatewayServer, shared: Path, worker: int, *, report: int, lifeline: int
) -> int:
    """Serve until told to stop, or until the parent that holds the `lifeline` is gone.

    The file descriptor `report` is told once the gateway is ready, or why it never will be.
    """
    os.set_blocking(report, False)
    count_together(shared, worker)
    log_in_turn(shared)
    try:
        run(_serve(server, report, lifeline))
    except ProvisionerError as error:
        _tell(report, str(error).encode())
        return 2
    except Exception as error:  # noqa: BLE001 - the last line of defence of this process
        _log.error("internal error of a worker: %s", type(error).__name__)
        _tell(report, f"internal error: {type(error).__name__}".encode())
        return 2
    return 0


async def _serve(server: GatewayServer, report: int, lifeline: int) -> None:
    beats = asyncio.create_task(_beat(report))
    try:
        await serve_until_told(server, lambda _: _tell(report, READY), lifeline)
    finally:
        beats.cancel()


async def _beat(report: int) -> None:
    while True:
        # A parent that does not listen is no reason to stop.
        with suppress(OSError):
            os.write(report, BEAT)
        await asyncio.sleep(_BEAT_SECONDS)


def _tell(report: int, said: bytes) -> None:
    os.write(report, said)
