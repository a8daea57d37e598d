"""A misspelt name → the one that was meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from provisioner.finding import Edit, Fix, Span

__all__ = ["did_you_mean", "nearest", "renamed", "with_new_patience"]

_MOST_COMPARISONS = 20_000
"""Names that are compared for one folder: a long file could ask for many among many."""

_FEW = 500


class _Patience:
    """How many comparisons are left for the folder that is being judged, and what they gave."""

    left = _MOST_COMPARISONS
    found: dict[tuple[str, tuple[str, ...]], str | None] = {}  # noqa: RUF012 - shared on purpose


def with_new_patience() -> None:
    """Begin with another folder, so that what is said about one does not depend on others."""
    _Patience.left = _MOST_COMPARISONS
    _Patience.found.clear()


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `name`.

    None when no one does, and for another name when very many have been compared for a folder.
    """
    names = known if isinstance(known, Collection) else tuple(known)
    if len(names) > _FEW and _Patience.left < len(names):
        return None
    key = name, tuple(sorted(names))
    if key not in _Patience.found:
        _Patience.left -= len(names)
        is_left = _Patience.left >= 0
        close = get_close_matches(name, key[1], n=1) if is_left else []
        _Patience.found[key] = next(iter(close), None)
    return _Patience.found[key]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean "…"?`, or nothing when no known name is close."""
    found = nearest(name, known)
    return f'did you mean "{found}"?' if found else ""


def renamed(name: str, span: Span, known: Iterable[str]) -> Fix | None:
    """Return the fix that writes the nearest known name at `span`; unsafe, as it is a guess."""
    found = nearest(name, known)
    return Fix(safe=False, edits=(Edit(span, found),)) if found else None
