"""Patterns of settings, such as `modules/**/*.tf` → whether a path fits.

A pattern without a slash fits a name at any depth, one with a slash counts from the folder of the
settings. `*` and `?` do not cross a slash, `**` does. What fits a folder fits all inside it.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["fits"]

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|[^*?\[]+|\[")


def fits(pattern: str, path: str) -> bool:
    """Say whether `path`, relative and with slashes, fits."""
    return _compiled(pattern).match(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    body = pattern.removeprefix("./").removesuffix("/")
    anywhere = "" if "/" in body else "(?:.*/)?"
    parts = "".join(_part(match[0]) for match in _TOKEN.finditer(body.removeprefix("/")))
    return re.compile(rf"{anywhere}{parts}(?:/.*)?\Z", re.DOTALL)


def _part(token: str) -> str:
    if token.startswith("[") and len(token) > 1:
        inside = token[1:-1].replace("\\", r"\\").replace("^", r"\^").replace("[", r"\[")
        return f"[{'^/' + inside[1:] if inside.startswith('!') else inside}]"
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return known.get(token, re.escape(token))
