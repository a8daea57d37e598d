"""Parts of JSON that somebody else wrote: what has the wrong type counts as absent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

__all__ = ["as_count", "as_mappings", "as_object", "as_text", "read_json"]

_MOST_DIGITS = 1000


def read_json(raw: bytes | memoryview) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of `raw`; raises `ValueError` or `RecursionError`."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        # Half a surrogate pair and other things that JSON in the wild has.
        return json.loads(bytes(raw), parse_int=_whole_number)


def _whole_number(digits: str) -> int | float:
    # Python reads no longer ones: that would take too long.
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def as_object(value: object) -> Mapping[str, Any]:
    """Return `value` as a JSON object, parsing bytes; anything else is an empty one."""
    if isinstance(value, bytes):
        try:
            value = read_json(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def as_mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in the list `value`."""
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def as_text(value: object) -> str:
    """Return `value` if it is text, else an empty one."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int:
    """Return `value` if it is a whole number that is not negative, else 0."""
    return value if type(value) is int and value >= 0 else 0
