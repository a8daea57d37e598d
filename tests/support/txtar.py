"""Several text files in one: a comment, then each file under a `-- name --` line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Archive", "format", "parse"]

_MARKER = re.compile(r"^-- (\S(?:.*\S)?) --\r?$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Archive:
    """What one `.txtar` file holds; files keep their order."""

    comment: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def folder(self, name: str) -> dict[str, str]:
        """Return the files below `name`, by their path inside it."""
        prefix = f"{name}/"
        return {
            path.removeprefix(prefix): text
            for path, text in self.files.items()
            if path.startswith(prefix)
        }


def parse(text: str) -> Archive:
    """Read an archive; raise `ValueError` when two files have one name."""
    comment, *rest = _MARKER.split(text)
    names = rest[::2]
    _refuse_repeats(names)
    return Archive(comment, dict(zip(names, rest[1::2], strict=True)))


def format(archive: Archive) -> str:  # noqa: A001 - the counterpart of parse, used as txtar.format
    """Write `archive`; a text gets the final newline it lacks, as the next marker needs one.

    Raises `ValueError` for a name or text that `parse` would read differently.
    """
    parts = [_ended(archive.comment)]
    for name, content in archive.files.items():
        marker = f"-- {name} --\n"
        if _MARKER.fullmatch(marker) is None:
            raise ValueError(f"{name!r} cannot be a file name in an archive")
        parts += [marker, _ended(content)]
    return "".join(parts)


def _ended(text: str) -> str:
    if _MARKER.search(text):
        raise ValueError("a text with a marker line of its own cannot be archived")
    return text if not text or text.endswith("\n") else f"{text}\n"


def _refuse_repeats(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f'two files are named "{name}"')
        seen.add(name)
