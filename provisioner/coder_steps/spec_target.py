"""A spec's text → the same with the deployment's version as its target, comments kept."""

from __future__ import annotations

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table

from provisioner.errors import InputError
from provisioner.spec.load import parse_spec

__all__ = ["with_target"]


def with_target(text: str, path: str, version: str) -> str:
    """Return `text`, the spec at `path`, with `target.coder` set.

    Raises `FindingsError` when the spec does not fit the version, and `InputError` for text that is
    no spec.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    target = document.get("target")
    if target is None:
        target = tomlkit.table()
        if text.strip():
            document.add(tomlkit.nl())
        document.add("target", target)
    if not isinstance(target, Table | InlineTable):
        raise InputError(f"{path}: target is not a table")
    target["coder"] = version
    changed = tomlkit.dumps(document)
    parse_spec(changed, path)
    return changed
