"""A misspelt name → the one that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from provisioner.finding import Edit, Fix, Span

__all__ = ["did_you_mean", "nearest", "renamed"]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `name`, None when no one does."""
    return next(iter(get_close_matches(name, sorted(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean "…"?`, or nothing when no known name is close."""
    found = nearest(name, known)
    return f'did you mean "{found}"?' if found else ""


def renamed(name: str, span: Span, known: Iterable[str]) -> Fix | None:
    """Return the fix that writes the nearest known name at `span`; unsafe, as it is a guess."""
    found = nearest(name, known)
    return Fix(safe=False, edits=(Edit(span, found),)) if found else None
