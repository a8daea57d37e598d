"""One apply or undo at a time: the lock file of a Codex home, which also makes the home."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from provisioner.errors import InputError, OutputError

__all__ = ["FOLDER", "LOCK", "check_folder", "discard_folder", "locked"]

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
    check_folder(home)
    folder.mkdir(0o700, exist_ok=True)
    check_folder(home)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(folder / LOCK, flags, 0o600)
    if missing and os.fstat(descriptor).st_size == 0:
        # How many folders undo may take away with the rest, if nothing else is in them by then.
        os.write(descriptor, b"%d" % len(missing))
    return descriptor


def check_folder(home: Path) -> None:
    """Refuse a state folder that somebody else can have filled: what is in it will be obeyed.

    Raises `InputError`.
    """
    folder = home / FOLDER
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(status.st_mode):
        raise InputError(f"{folder} is a link; remove it, this command makes it a folder")
    if not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{folder} is not a folder; remove it, this command makes it one")
    if status.st_uid != os.geteuid():
        raise InputError(f"{folder} belongs to another user, and is not used; remove it")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise InputError(
            f"{folder} is open to others, who may have changed what undo would restore; if what is"
            " in it is yours, run chmod 700 on it, or else remove it"
        )


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
