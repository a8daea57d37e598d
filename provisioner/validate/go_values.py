"""Text → whether Go's parsers, and so the Coder provider, take it."""

from __future__ import annotations

import json
import re

__all__ = ["is_bool", "is_number", "is_url", "is_uuid", "string_list"]

_BOOLS = frozenset(
    {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
)
_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?)\Z|nan\Z",
    re.ASCII | re.IGNORECASE,
)
_HEX = "[0-9a-fA-F]"
_UUID = re.compile(rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}\Z")
_BAD_ESCAPE = re.compile(rf"%(?!{_HEX}{{2}})")
_BAD_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*[ <>\"]")


def is_bool(text: str) -> bool:
    """Say whether `strconv.ParseBool` takes it."""
    return text in _BOOLS


def is_number(text: str) -> bool:
    """Say whether `strconv.ParseFloat` takes it; hexadecimal floats are left out."""
    return bool(_NUMBER.match(text))


def is_uuid(text: str) -> bool:
    """Say whether it is a UUID as the Terraform SDK checks it."""
    return bool(_UUID.match(text))


def string_list(text: str) -> list[str] | None:
    """Return the JSON array of strings that it is, None for anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if parsed is None:
        return []  # Go decodes null to an empty list.
    is_list = isinstance(parsed, list) and all(isinstance(item, str) for item in parsed)
    return parsed if is_list else None


def is_url(text: str) -> bool:
    """Say whether `net/url.Parse` takes it: nearly anything, paths and an empty text included."""
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        return False
    path = re.split("[?#]", text, maxsplit=1)[0]
    if text.startswith(":") or _BAD_ESCAPE.search(path) or _BAD_HOST.match(text):
        return False
    first = path.partition("/")[0]
    return ":" not in first or bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", first))
