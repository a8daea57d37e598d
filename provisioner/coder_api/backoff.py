"""Which failures are worth another try, and how long to wait before it."""

from __future__ import annotations

import datetime as dt
import random
from email.utils import parsedate_to_datetime

__all__ = ["ATTEMPTS", "NOT_DONE", "RETRIED", "waiting_time"]

ATTEMPTS = 6
RETRIED = frozenset({429, 500, 502, 503, 504})
NOT_DONE = frozenset({429, 503})
"""Answers that say that the request was not carried out."""

_FIRST, _LONGEST = 0.5, 20.0
_MOST_ASKED_FOR = 120.0


def waiting_time(attempt: int, retry_after: str | None, now: dt.datetime) -> float | None:
    """Return the seconds to wait after failed `attempt`, from 0; None to give up.

    A `Retry-After` of seconds or a date is kept to, up to two minutes; a longer one is not waited
    for.
    """
    if attempt + 1 >= ATTEMPTS:
        return None
    asked = _asked_for(retry_after or "", now)
    if asked is not None:
        return asked if asked <= _MOST_ASKED_FOR else None
    longest = min(_FIRST * float(2**attempt), _LONGEST)
    # Many clients that failed together must not come back together.
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - no secret


def _asked_for(text: str, now: dt.datetime) -> float | None:
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return max((date - now).total_seconds(), 0.0)
