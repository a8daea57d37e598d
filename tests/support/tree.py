"""Folders as mappings of path to text, so that a test shows its whole input and output."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["read_tree", "write_tree"]


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write `files` below `folder` and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def read_tree(folder: Path) -> dict[str, str]:
    """Read every file below `folder`, behind links too."""
    files = (
        Path(place, name) for place, _, names in os.walk(folder, followlinks=True) for name in names
    )
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(files)
    }
