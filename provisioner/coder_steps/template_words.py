"""A template's README → the words that Coder shows for the template.

They stand in the front matter, as Coder's registry has it: lines `key: value` between two `---`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from provisioner.coder_api.archive import Entry
from provisioner.errors import InputError

__all__ = ["checked_words", "readme_words"]

_KEYS = ("display_name", "description", "icon")
_LINE = re.compile(r"([a-z_]+):[ \t]+(.+?)[ \t]*")
_DESCRIPTION_BYTES = 127
_DISPLAY_NAME_LENGTH = 64


def readme_words(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return `display_name`, `description` and `icon`, as far as README.md has them.

    A description is cut to what Coder takes; an icon of the registry is the one of the same name
    that every deployment serves.
    """
    entry = entries.get("README.md")
    text = entry.data.decode("utf-8", "replace") if entry else ""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return {}
    found = dict[str, str]()
    for line in lines[1:]:
        if line.rstrip() == "---":
            break
        if (pair := _LINE.fullmatch(line)) and pair[1] in _KEYS:
            found[pair[1]] = _scalar(pair[2])
    if "description" in found:
        found["description"] = _cut(found["description"])
    if found.get("icon", "").startswith("../"):
        found["icon"] = f"/icon/{PurePosixPath(found['icon']).name}"
    return {key: value for key, value in found.items() if value}


def checked_words(words: Mapping[str, str]) -> dict[str, str]:
    """Return `words` as they are; raises `InputError` for what Coder would refuse."""
    if len(words.get("description", "").encode()) > _DESCRIPTION_BYTES:
        raise InputError(f"the description has more than {_DESCRIPTION_BYTES} bytes; shorten it")
    if len(words.get("display_name", "")) > _DISPLAY_NAME_LENGTH:
        raise InputError(f"the display name has more than {_DISPLAY_NAME_LENGTH} characters")
    return dict(words)


def _scalar(text: str) -> str:
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return ""
        return value if isinstance(value, str) else ""
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return text[1:-1].replace("''", "'")
    return text.split(" #", maxsplit=1)[0].rstrip()


def _cut(text: str) -> str:
    data = text.encode()
    if len(data) <= _DESCRIPTION_BYTES:
        return text
    room = _DESCRIPTION_BYTES - len("…".encode())
    return data[:room].decode("utf-8", "ignore").rstrip() + "…"
