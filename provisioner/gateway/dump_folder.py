"""The folder for dumps, tried before the first exchange is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from provisioner.errors import InputError
from provisioner.private_folder import make_private_folder

__all__ = ["prepare_dump_folder"]


def prepare_dump_folder(folder: Path) -> None:
    """Make `folder` when it is missing; raises `InputError` when nothing can be written there."""
    try:
        make_private_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f'dump_dir: cannot write to "{folder}": {error.strerror}') from error
