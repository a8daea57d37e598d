"""The windows in which budgets are counted: in UTC, weeks begin on Monday."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta

from provisioner.gateway.record.stored import microseconds

__all__ = ["Window", "seconds_left", "stored_start", "window_end", "window_start"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(enum.StrEnum):
    """For how long what was spent counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TOTAL = "total"
    """For ever."""
    MANUAL = "manual"
    """Until somebody resets it."""


_LENGTHS = {
    Window.MINUTE: timedelta(minutes=1),
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
    Window.WEEK: timedelta(weeks=1),
}
# The epoch was a Thursday.
_FIRST_MONDAY = _EPOCH + timedelta(days=4)


def window_start(window: Window, now: datetime) -> datetime:
    """Return when the window that `now` (aware) lies in began; the epoch for one without an end."""
    now = now.astimezone(UTC)
    if window is Window.MONTH:
        return datetime(now.year, now.month, 1, tzinfo=UTC)
    length = _LENGTHS.get(window)
    if length is None:
        return _EPOCH
    begin = _FIRST_MONDAY if window is Window.WEEK else _EPOCH
    return begin + (now - begin) // length * length


def stored_start(window: Window, now: datetime) -> int:
    """Return the same as accounts have it, in microseconds since 1970."""
    running = _running.get(window)
    if running is None or not running[0] <= now < running[1]:
        start = window_start(window, now)
        running = start, window_end(window, start) or _NEVER, microseconds(start)
        _running[window] = running
    return running[2]


# What is asked for is nearly always the window that was asked for before: start, end, as stored.
_running: dict[Window, tuple[datetime, datetime, int]] = {}
_NEVER = datetime.max.replace(tzinfo=UTC)


def seconds_left(window: Window, now: datetime) -> int:
    """Return in how many whole seconds, at least one, `window` begins anew; 0 if it never does."""
    end = window_end(window, window_start(window, now))
    return max(1, int((end - now).total_seconds())) if end else 0


def window_end(window: Window, start: datetime) -> datetime | None:
    """Return when the window that began at `start` ends, None for one without an end."""
    if window is Window.MONTH:
        return datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
    length = _LENGTHS.get(window)
    return None if length is None else start + length
