"""One more table at the end of a TOML file, which is either the old file or the new one."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.errors import OutputError

__all__ = ["append_table"]


def append_table(
    path: Path, name: str, row: Mapping[str, Any], check: Callable[[str, str], object]
) -> None:
    """Write `[[name]]` with what `row` has, empty values left out, at the end of the file.

    `check` gets the whole new text and `path`, and raises when something is wrong with it: then
    nothing is written. Two commands that write at once write one after the other. Raises
    `InputError` when the old text cannot be read, `OutputError` when the new one cannot be written.
    """
    import tomlkit

    from provisioner.cli.output_file import write_file
    from provisioner.spec.load import read_text

    tables = tomlkit.aot()
    tables.append(tomlkit.item({key: value for key, value in row.items() if value not in _EMPTY}))
    added = tomlkit.dumps({name: tables})
    with _alone_in(path.parent):
        old = read_text(path) if path.exists() else ""
        gap = "" if not old else "\n" if old.endswith("\n") else "\n\n"
        text = f"{old}{gap}{added}"
        check(text, str(path))
        write_file(path, text)


_EMPTY: tuple[object, ...] = (None, "", (), [], {})


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise OutputError(f"cannot write into {folder}: {error.strerror or error}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
