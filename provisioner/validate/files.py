"""Folders → the files in them that Terraform reads, and their bytes, without ever waiting."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from provisioner.errors import InputError
from provisioner.finding import FILE_START
from provisioner.syntax.source import SyntaxProblem

__all__ = ["MAX_BYTES", "is_template_file", "read_file", "template_files", "template_folders"]

MAX_BYTES = 64_000_000
"""Size up to which a file is read."""

_ENDINGS = (
    ".tf",
    ".tf.json",
    ".tfvars",
    ".tfvars.json",
    ".tftest.hcl",
    ".tftest.json",
)


def is_template_file(name: str) -> bool:
    """Say whether Terraform would take a file of this name for one of its own."""
    return name.endswith(_ENDINGS) and not name.startswith(".")


def template_folders(top: Path) -> Iterator[Path]:
    """Yield the folder and all below it, but no hidden one such as .terraform.

    Raises `InputError` for one that cannot be listed.
    """
    for folder, subfolders, _ in os.walk(top, onerror=_refuse_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield Path(folder)


def _refuse_unreadable(error: OSError) -> None:
    raise InputError(f'"{error.filename}" cannot be read: {error.strerror}') from error


def template_files(folder: Path) -> list[Path]:
    """Return the files of one folder that Terraform reads, whatever they turn out to be.

    Terraform leaves folders out, but not links to folders.
    """
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if is_template_file(entry.name) and not entry.is_dir(follow_symlinks=False)
            ]
    except OSError as error:
        raise InputError(f'"{folder}" cannot be read: {error.strerror}') from error
    return [folder / name for name in sorted(names)]


def read_file(path: Path) -> bytes | SyntaxProblem:
    """Return the bytes of a file, or the reason why there are none."""
    try:
        # A pipe without a writer must not be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            kind = os.fstat(descriptor)
            if not stat.S_ISREG(kind.st_mode):
                what = "a folder" if stat.S_ISDIR(kind.st_mode) else "a pipe, a socket or a device"
                return SyntaxProblem(f"it is {what} and not a file", FILE_START, "remove it")
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return SyntaxProblem(reason, FILE_START)
    if len(data) > MAX_BYTES:
        message = f"it has more than {MAX_BYTES:,} bytes"
        return SyntaxProblem(message, FILE_START, "no template needs a file of this size")
    return data
