"""The data files of this package, read once a process."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["json_data", "toml_data"]

# A wheel is unpacked when it is installed; `importlib.resources` costs more than the parsing.
_HERE = Path(__file__).parent


@cache
def toml_data(name: str) -> dict[str, Any]:
    """Return the content of the TOML file `name` beside this module."""
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


@cache
def json_data(name: str) -> dict[str, Any]:
    """Return the content of the JSON file `name` beside this module."""
    content: dict[str, Any] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return content
