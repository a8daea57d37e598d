"""A private Codex home that stays: logins, history and what Codex adds survive each launch.

What an earlier launch wrote is remembered, so that a setting which left the plan leaves the home
too, while everything Codex or its user added (trusted folders, MCP servers, looks) stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from provisioner.errors import InputError, OutputError
from provisioner.launch.home_file import home_json, home_toml
from provisioner.private_folder import make_private_folder

__all__ = ["home_folder", "prepare_home"]

_CONFIG = "config.toml"
_RECORD = ".provisioner.json"
# The file is written anew from its settings, so that no key of it ends up below a wrong table.
_HEADER = (
    "# `provisioner launch` keeps its settings here up to date. All other settings are kept, but\n"
    "# comments are not.\n\n"
)

_Table = dict[str, Any]


def home_folder(label: str, *identity: str) -> Path:
    """Return the folder for what `identity` says, below `$XDG_STATE_HOME` or `~/.local/state`."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    # The XDG specification says that a relative path is to be ignored.
    state = base if base.is_absolute() else Path.home() / ".local" / "state"
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", label).strip(".-") or "codex"
    return state / "provisioner" / "homes" / f"{plain}-{digest}"


def prepare_home(folder: Path, files: Mapping[str, str]) -> None:
    """Bring `folder` to hold `files`, settings laid over those of its config.toml.

    Raises `InputError` when its config.toml cannot be read, `OutputError` when it cannot be
    written.
    """
    try:
        make_private_folder(folder)
        folder.chmod(0o700)
        with _lock(folder / ".provisioner.lock"):
            _bring(folder, files)
    except OSError as error:
        raise OutputError(f"cannot prepare {folder}: {error.strerror or error}") from error


def _bring(folder: Path, files: Mapping[str, str]) -> None:
    before = _written_before(folder)
    texts = {**files, _CONFIG: _merged_config(folder, before.get(_CONFIG, ""), files[_CONFIG])}
    for name in before.keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    for name, text in texts.items():
        _write(folder / name, text)
    _write(folder / _RECORD, json.dumps({"version": 1, "files": dict(files)}, indent=2) + "\n")


def _written_before(folder: Path) -> dict[str, str]:
    """Return the files as the last launch wanted them; a lost record means none."""
    try:
        record: Any = home_json(folder / _RECORD)
        files = record["files"]
        return {name: text for name, text in files.items() if Path(name).name == name}
    except (InputError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def _merged_config(folder: Path, before: str, wanted: str) -> str:
    path = folder / _CONFIG
    try:
        current = home_toml(path)
    except ValueError as error:
        raise InputError(f"{path} cannot be read ({error}); remove it, it is made anew") from error
    merged = _laid_over(_without(current, tomllib.loads(before)), tomllib.loads(wanted))
    return _HEADER + tomlkit.dumps(_scalars_first(merged))


def _without(table: _Table, other: _Table) -> _Table:
    """Return `table` without the settings that `other` holds with the same value."""
    kept: _Table = {}
    for key, value in table.items():
        old = other.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if rest := _without(value, old):
                kept[key] = rest
        elif key not in other or value != old:
            kept[key] = value
    return kept


def _laid_over(table: _Table, other: _Table) -> _Table:
    merged = dict(table)
    for key, value in other.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _laid_over(below or {}, value) if both else value
    return merged


def _scalars_first(table: _Table) -> _Table:
    """Order a table so that no key of it falls under the header of another."""
    ordered = {key: value for key, value in table.items() if not _needs_header(value)}
    for key, value in table.items():
        if isinstance(value, dict):
            ordered[key] = _scalars_first(value)
        elif _needs_header(value):
            ordered[key] = [_scalars_first(item) for item in value]
    return ordered


def _needs_header(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def _write(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner only; an equal file is left alone."""
    content = text.encode()
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        path.chmod(0o600)
        return
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one launch prepare a home at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
