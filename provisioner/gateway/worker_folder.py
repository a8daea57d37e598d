"""A folder for what workers share while they run; what killed gateways left of theirs is removed.

Whoever uses a folder holds a lock on a file in it, workers too: a lock that can be had means that
all of them are gone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

__all__ = ["worker_folder"]

_PREFIX = "provisioner-gateway-"
_LOCK = "in-use"


@contextmanager
def worker_folder() -> Iterator[Path]:
    """Yield a new folder, which only this user can enter, and remove it at the end."""
    _remove_left_over()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as made:
        folder = Path(made)
        draft = folder / f"{_LOCK}.new"
        with closing(_Lock(draft, os.O_CREAT | os.O_EXCL)) as lock:
            lock.take()
            # Before it has its name nobody looks at it, and then it is locked.
            draft.rename(folder / _LOCK)
            yield folder


class _Lock:
    """A file that somebody may hold; it is let go of with the last process that has it open."""

    def __init__(self, path: Path, flags: int = 0) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | flags, 0o600)

    def take(self) -> None:
        """Hold it; raises `OSError` when somebody else does."""
        # Only here, as Windows has no such locks, and no workers either.
        import fcntl  # noqa: PLC0415

        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        os.close(self._file)


def _remove_left_over() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # Somebody else's, one that another gateway removes just now, or one that is in use.
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with closing(_Lock(folder / _LOCK)) as lock:
                lock.take()
                shutil.rmtree(folder)
