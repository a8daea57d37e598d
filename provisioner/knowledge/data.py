"""The data files of this package, read once a process.

Python's TOML parser takes as long for them as all rules take for a template, so that their content
is kept as JSON, under a name that the text of the file gives.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from provisioner.cache.store import digest, recall, remember

__all__ = ["json_data", "toml_data"]

# A wheel is unpacked when it is installed; `importlib.resources` costs more than the parsing.
_HERE = Path(__file__).parent
_ROOM = "knowledge"
_MOST_NAMES = 200


@cache
def toml_data(name: str) -> dict[str, Any]:
    """Return the content of the TOML file `name`, a path from the folder of this module."""
    text = (_HERE / name).read_bytes()
    key = f"{name.replace('/', '-')}-{digest(text)}.json"
    kept = recall(_ROOM, key)
    content: dict[str, Any]
    if kept is not None:
        try:
            content = json.loads(kept)
        except ValueError:
            pass  # Half a disk ago, perhaps: what stands there is of no use.
        else:
            return content
    import tomli  # noqa: PLC0415 - costs start-up time, and is seldom needed

    content = tomli.loads(text.decode())
    remember(_ROOM, key, json.dumps(content).encode(), at_most=_MOST_NAMES)
    return content


@cache
def json_data(name: str) -> dict[str, Any]:
    """Return the content of the JSON file `name` beside this module."""
    content: dict[str, Any] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return content
