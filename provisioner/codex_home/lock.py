"""One apply or undo at a time: the lock file of a Codex home, which also makes the home."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from provisioner.errors import InputError, OutputError

__all__ = ["FOLDER", "LOCK", "discard_folder", "locked"]

FOLDER = ".provisioner"
LOCK = "lock"
_PATIENCE = 10.0
_PAUSE = 0.02


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the lock of `home`, which is made if it is not there.

    Raises `OutputError` when another process keeps it too long.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        descriptor = _open(home)
        try:
            if _take(descriptor, deadline) and _is_current(descriptor, home):
                yield
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > deadline:
            raise OutputError(f"another apply or undo is at work in {home}; try again later")


def _open(home: Path) -> int:
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(0o700, exist_ok=True)
    folder = home / FOLDER
    if folder.is_symlink():
        raise InputError(f"{folder} is a link; remove it, this command makes it a folder")
    folder.mkdir(0o700, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(folder / LOCK, flags, 0o600)
    if missing and os.fstat(descriptor).st_size == 0:
        # How many folders undo may take away with the rest, if nothing else is in them by then.
        os.write(descriptor, b"%d" % len(missing))
    return descriptor


def _take(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _is_current(descriptor: int, home: Path) -> bool:
    """Say whether the lock is still the one others see: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), (home / FOLDER / LOCK).stat())
    except FileNotFoundError:
        return False


def discard_folder(home: Path) -> None:
    """Remove the lock, the state folder and the folders made with it, as far as they are empty."""
    lock = home / FOLDER / LOCK
    made = lock.read_text(encoding="ascii", errors="replace")
    lock.unlink()
    # Whatever somebody else put there keeps its folder.
    with contextlib.suppress(OSError):
        lock.parent.rmdir()
        for folder in (home, *home.parents)[: int(made) if made.isdigit() else 0]:
            folder.rmdir()
