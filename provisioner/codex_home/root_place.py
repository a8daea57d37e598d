"""Where a new root key goes: below the other root keys, above every header and managed block."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provisioner.codex_home.document import Document

__all__ = ["RootPlace", "root_place"]

_DIRECTIVES = re.compile(r"(?:#[:!][^\n]*(?:\n|\Z))*")
# Comments that a blank line parts from what follows are about the file, not about what follows.
_PREFACE = re.compile(r"(?:[ \t]*#[^\n]*\n)*(?:[ \t]*#[^\n]*\Z|(?:[ \t]*\r?\n)+|\Z)")


@dataclass(frozen=True, slots=True)
class RootPlace:
    """An offset, and whether to part what follows by a blank line."""

    offset: int
    blank_line_after: bool


def root_place(document: Document) -> RootPlace:
    """Return where a line with a root key may be inserted into `document`."""
    text = document.text
    limits = [section.span[0] for section in document.layout.sections[1:]]
    limits += [start for start, _ in document.managed]
    limit = min(limits, default=len(text))
    above = [pair.span[1] for pair in document.layout.pairs if pair.span[1] <= limit]
    if above:
        return RootPlace(above[-1], blank_line_after=False)
    offset = _end(_DIRECTIVES, text, 0, limit)
    offset = _end(_PREFACE, text, offset, limit)
    rest = text[offset:].lstrip(" \t")
    return RootPlace(offset, blank_line_after=not rest.startswith(("\n", "\r")) and bool(rest))


def _end(pattern: re.Pattern[str], text: str, start: int, limit: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match and match.end() <= limit else start
