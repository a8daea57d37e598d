"""Values in, the text that a page shows of them out; pages escape it themselves."""

from __future__ import annotations

import json
import re
from datetime import datetime

from provisioner.redact import hint, mask_by_look

__all__ = ["arguments", "compact", "duration", "iso", "masked", "money", "number", "when"]

# A secret at the end of what is shown may be cut, and then not be seen as one.
_MORE = 4_096
_MOST_PRETTY = 20_000
# What no page can hold, and what makes a reader see letters in another order than they stand.
_UNSHOWN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
_UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def number(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{value:,.0f}"


def compact(value: float) -> str:
    """Return a number in a few characters, such as `12.5k`."""
    for unit, letter in _UNITS:
        if value >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"


def money(value: float | None) -> str:
    """Return US dollars, a dash for a price that is not known."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash for people
    return f"${value:,.2f}" if value >= 0.1 or not value else f"${value:,.4f}"


def when(value: datetime | str | None) -> str:
    """Return a time for people, in UTC."""
    return f"{_moment(value):%Y-%m-%d %H:%M:%S}" if value else ""


def iso(value: datetime | str) -> str:
    """Return a time for programs."""
    return _moment(value).isoformat(timespec="seconds")


def duration(first: datetime, last: datetime | None) -> str:
    """Return how long something took."""
    if last is None:
        return "running"
    seconds = max((last - first).total_seconds(), 0)
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def masked(text: str | None, most: int) -> str:
    """Return at most `most` characters of `text`, keys that were pasted into it as hints.

    Control characters are shown as such, as one character.
    """
    text = text or ""
    shown = _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", mask_by_look(text[: most + _MORE], hint))
    if len(text) > most + _MORE:
        shown = shown[:-_MORE]
    return shown if len(shown) <= most else f"{shown[:most]}…"


def arguments(args_json: str) -> str:
    """Return the arguments of a tool call, laid out when they are short enough for that."""
    if len(args_json) > _MOST_PRETTY:
        return args_json
    try:
        document = json.loads(args_json)
    except (ValueError, RecursionError):
        return args_json
    if isinstance(document, str):
        return document
    return json.dumps(document, ensure_ascii=False, indent=2)


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
