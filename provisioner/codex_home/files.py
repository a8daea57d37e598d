"""Files of a Codex home: look at one without changing it, and replace one in a single step."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError, OutputError

__all__ = ["PRIVATE", "FileOnDisk", "look", "os_errors", "put", "remove", "sync_folder"]

PRIVATE = 0o600
"""Mode of every file that was not there before."""


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """One file as it is now; `content` and `mode` are None when there is none."""

    content: bytes | None
    mode: int | None
    target: Path
    """Where its bytes are: the file a link leads to."""
    is_link: bool


def look(path: Path) -> FileOnDisk:
    """Read the file at `path`.

    Raises `InputError` when something else is there, or a link that leads nowhere.
    """
    is_link = path.is_symlink()
    try:
        target = path.resolve(strict=True) if is_link else path
        status = target.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if is_link:
            raise InputError(f"{path} is a link to nowhere; correct or remove it") from error
        return FileOnDisk(None, None, path, is_link=False)
    except (OSError, RuntimeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is not a file; move it away")
    try:
        content = target.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return FileOnDisk(content, stat.S_IMODE(status.st_mode), target, is_link)


def put(path: Path, content: bytes, mode: int) -> None:
    """Make `path` a file with `content`: whoever looks, or loses power, has the old or the new."""
    beside = path.with_name(f".{path.name}.codex-provisioner")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        # Before the mode: a change of owner may take away bits of it.
        _keep_owner(file.fileno(), path)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def _keep_owner(descriptor: int, path: Path) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        status = path.stat()
        os.fchown(descriptor, status.st_uid, status.st_gid)


def remove(path: Path) -> None:
    """Take the file away, if it is there, and what an interrupted `put` left beside it."""
    for name in (path, path.with_name(f".{path.name}.codex-provisioner")):
        name.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def os_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an `OutputError`."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise OutputError(f"cannot write {place}: {error.strerror or error}") from error
