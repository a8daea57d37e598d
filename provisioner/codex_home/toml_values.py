"""TOML data: look into it, compare it strictly, write a value on one line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomlkit

from provisioner.codex_home.model import KeyPath

__all__ = ["MISSING", "dotted", "leaves", "look_up", "same", "toml_value", "value_of"]

MISSING: Any = object()
"""Stands for no value at all; TOML has no null."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def look_up(data: Mapping[str, Any], path: KeyPath) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Return the value at `path`, MISSING when there is none."""
    value: Any = data
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def value_of(raw: str) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Return the data of one TOML value."""
    return tomllib.loads(f"value = {raw}")["value"]


def same(one: Any, other: Any) -> bool:  # noqa: ANN401 - whatever TOML holds
    """Compare as TOML does: 1, 1.0 and true differ, and nan is itself."""
    return bool(_exact(one) == _exact(other))


def _exact(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return type(value), repr(value)


def leaves(data: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value that is no table, and every empty table, with its path."""
    for name, value in data.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def dotted(path: KeyPath) -> str:
    """Return `path` as a TOML key."""
    return ".".join(
        name if _BARE.fullmatch(name) else tomlkit.string(name).as_string() for name in path
    )


def toml_value(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    """Return `value` as a TOML value on one line."""
    if isinstance(value, dict):
        pairs = [f"{dotted((name,))} = {toml_value(item)}" for name, item in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    return str(tomlkit.item(value).as_string())
