"""A file of a Codex home → its content, whatever stands in its place, without ever waiting."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from provisioner.errors import InputError

__all__ = ["home_json", "home_toml"]

_MAX_BYTES = 4_000_000
# Deeper than any config; what walks a table may go this deep.
_MAX_DEPTH = 64


def home_toml(path: Path) -> dict[str, Any]:
    """Return the content of the TOML file at `path`; empty when there is none.

    Raises `ValueError` for text that is no TOML, and `InputError` for what is no file at all, is
    too large or is nested too deeply.
    """
    content = _content(path)
    if content is None:
        return {}
    try:
        table = tomllib.loads(content.decode())
    except RecursionError as error:
        raise _too_deep(path) from error
    _need_shallow(path, table)
    return table


def home_json(path: Path) -> object:
    """Return the content of the JSON file at `path`; None when there is none.

    Raises what `home_toml` raises.
    """
    content = _content(path)
    if content is None:
        return None
    try:
        return json.loads(content)
    except RecursionError as error:
        raise _too_deep(path) from error


def _content(path: Path) -> bytes | None:
    """Return what is in the file; a pipe is opened without waiting for its other end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InputError(f"{path} is no regular file; remove it")
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path} is larger than {_MAX_BYTES // 1_000_000} MB; remove it")
    return content


def _need_shallow(path: Path, table: dict[str, Any]) -> None:
    level: list[Any] = [table]
    for _ in range(_MAX_DEPTH):
        below = (item.values() if isinstance(item, dict) else item for item in level)
        level = [value for values in below for value in values if isinstance(value, dict | list)]
    if level:
        raise _too_deep(path)


def _too_deep(path: Path) -> InputError:
    return InputError(f"{path} is nested too deeply to be read; remove what is nested in it")
