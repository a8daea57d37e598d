"""Text → a file that is either the old one or the whole new one."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from provisioner.errors import InputError, OutputError

__all__ = ["refuse_unwritable", "write_file"]


def write_file(path: Path, text: str) -> None:
    """Replace the file at `path` in one step; one that is there keeps its mode.

    Raises `InputError` when something else is there, such as a folder, a device or a link, and
    `OutputError` when it cannot be written.
    """
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        mode = _mode(path)
        with staged.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            staged.chmod(mode)
        staged.replace(path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def refuse_unwritable(path: Path) -> None:
    """Raise what a write to the file at `path` would, as far as it can be known before.

    That is `InputError` for something else than a file, and `OutputError` for a folder that is not
    there, or in which nothing can be made.
    """
    try:
        _mode(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    folder = path.parent
    if not folder.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write {path}: no permission to make a file in {folder}")


def _mode(path: Path) -> int | None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise InputError(f'"{path}" is not a regular file; name another one for the report')
    return stat.S_IMODE(mode)
