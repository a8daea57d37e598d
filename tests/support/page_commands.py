"""The commands that a page of the documentation shows, and the output under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["blocks", "commands", "comparable"]

_BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2]


def commands(kind: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with the output shown under it."""
    if kind == "sh":
        for line in text.splitlines():
            command = line.split("#")[0].strip()
            if command:
                yield command, ""
        return
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def comparable(text: str) -> list[str]:
    """Lines without what differs between machines: numbers, hints, folds of white space."""
    text = re.sub(r"\S+\.\.\.\S+", "HINT", text)
    number = r"(?<![:\d])\d+(\.\d+)?(?!:)"
    return [" ".join(re.sub(number, "N", line).split()) for line in text.splitlines()]
