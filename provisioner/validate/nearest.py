"""A misspelt name → the one that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean "…"?`, or nothing when no known name is close."""
    found = get_close_matches(name, sorted(known), n=1)
    return f'did you mean "{found[0]}"?' if found else ""
