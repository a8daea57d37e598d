"""A path → a folder that only its owner can enter, whatever the umask is."""

from __future__ import annotations

from pathlib import Path

__all__ = ["make_private_folder"]


def make_private_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it with mode 0700; what is there stays as it is.

    `Path.mkdir` gives its mode to the last folder only: whoever may write into one above it could
    put another in its place. Raises `OSError` when it cannot be made.
    """
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(0o700, exist_ok=True)
    # Also says so when something else than a folder is there.
    folder.mkdir(exist_ok=True)
