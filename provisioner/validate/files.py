"""Folders → the files in them that Terraform reads, and their bytes, without ever waiting."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from provisioner.cache.entry import (
    MAX_BYTES,
    content_state,
    file_state,
    folder_state,
    names_state,
)
from provisioner.errors import InputError
from provisioner.finding import FILE_START
from provisioner.syntax.source import SyntaxProblem

__all__ = ["Disk", "is_template_file", "path_from"]

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


def path_from(folder: Path, path: Path) -> Path:
    """Return the way to `path` from a folder, both from here or absolute."""
    return Path(os.path.relpath(path, folder))


class Disk:
    """The files of one run, those of `overlay` in place of those on the disk.

    What was `seen` of files and folders says whether another run would see the same.
    """

    def __init__(self, overlay: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self.overlay = overlay
        self.seen: dict[tuple[str, str], str] = {}

    def folders(
        self, top: Path, is_excluded: Callable[[Path], bool] = lambda _: False
    ) -> Iterator[Path]:
        """Yield the folder and all below it, but no hidden one such as .terraform.

        Links to folders are not followed. Raises `InputError` for one that cannot be listed.
        """
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            yield folder
            inner = (name for name, is_folder in self._names(folder) if is_folder)
            shown = sorted((name for name in inner if not name.startswith(".")), reverse=True)
            below = (folder / name for name in shown)
            waiting += [path for path in below if not is_excluded(path)]

    def template_files(self, folder: Path) -> list[Path]:
        """Return the files of one folder that Terraform reads, whatever they turn out to be.

        Terraform leaves folders out, but not links to folders. Raises `InputError` for a folder
        that cannot be listed.
        """
        names = (name for name, is_folder in self._names(folder) if not is_folder)
        return [folder / name for name in sorted(names) if is_template_file(name)]

    def exists(self, path: Path) -> bool:
        """Say whether there is a file or folder."""
        self.seen["file", str(path)] = file_state(str(path))
        return path.exists()

    def is_folder(self, path: Path) -> bool:
        """Say whether there is a folder."""
        if path.is_dir():
            return True
        self.seen["folder", str(path)] = folder_state(str(path))
        return False

    def _names(self, folder: Path) -> list[tuple[str, bool]]:
        try:
            with os.scandir(folder) as entries:
                names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError as error:
            raise InputError(f'"{folder}" cannot be read: {error.strerror}') from error
        self.seen["folder", str(folder)] = names_state(names)
        return names

    def read(self, path: Path) -> bytes | SyntaxProblem:
        """Return the bytes of a file, or the reason why there are none."""
        there = self.overlay.get(path.as_posix())
        if there is not None:
            return there
        found = _read(path)
        name = str(path)
        state = content_state(found) if isinstance(found, bytes) else file_state(name)
        self.seen["file", name] = state
        return found


def _read(path: Path) -> bytes | SyntaxProblem:
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
