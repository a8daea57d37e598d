"""A spec's file → the same with the deployment's version as its target, comments kept."""

from __future__ import annotations

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from provisioner.errors import InputError, OutputError
from provisioner.spec.load import parse_spec

__all__ = ["write_target"]


def write_target(path: Path, version: str) -> bool:
    """Set `target.coder`; return whether the file changed.

    Raises `FindingsError` when the spec does not fit the version, `InputError` for a file that
    cannot be read, and `OutputError` for one that cannot be written; the file is as it was then.
    """
    try:
        before = path.read_bytes().decode("utf-8")
        document = tomlkit.parse(before)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, TOMLKitError) as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    target = document.get("target")
    if target is None:
        target = tomlkit.table()
        if document.as_string().strip():
            document.add(tomlkit.nl())
        document.add("target", target)
    if not isinstance(target, Table | tomlkit.items.InlineTable):
        raise InputError(f"{path}: target is not a table")
    target["coder"] = version
    after = tomlkit.dumps(document)
    if after == before:
        return False
    parse_spec(after, str(path))
    try:
        path.write_bytes(after.encode("utf-8"))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    return True
