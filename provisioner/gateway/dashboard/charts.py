"""Numbers over time in, the geometry of a chart of stacked bars out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Bar", "Chart", "Mark", "Piece", "Series", "stacked_bars"]

WIDTH, HEIGHT = 720, 240
"""Of the drawing, in its own units."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 32, 12, 28
_LINES = 4
_LABELS = 6
_GAP = 0.2
# What is off by rounding alone needs no line more.
_ALMOST = 0.999_999
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is counted, with a number for each part of the time."""

    name: str
    values: Sequence[float]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle: what one series, counted from 1, adds to a bar."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """All of one part of the time, and the same in words."""

    words: str
    x: float
    width: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place of an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws: bars, axes, and a table of the same numbers."""

    name: str
    title: str
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    lines: tuple[Mark, ...]
    times: tuple[Mark, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    written: Callable[[float], str]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def stacked_bars(
    name: str,
    title: str,
    starts: Sequence[datetime],
    series: Sequence[Series],
    written: Callable[[float], str],
) -> Chart:
    """Return the chart `name` (an id in the page) of `series`, one bar for each of `starts`.

    `written` makes the text of a number.
    """
    columns = list(zip(*(one.values for one in series), strict=True)) or [()] * len(starts)
    most = max((sum(column) for column in columns), default=0.0)
    step = _step(most)
    lines = max(math.ceil(most / step * _ALMOST), 1)
    scale = (HEIGHT - _BOTTOM - _TOP) / (step * lines)
    room = (WIDTH - _LEFT - _RIGHT) / len(starts)
    whole_days = len(starts) > 1 and starts[1] - starts[0] >= _DAY
    labels = [_label(start, whole_days=whole_days) for start in starts]
    bars, rows = [], []
    for number, (label, column) in enumerate(zip(labels, columns, strict=True)):
        if not any(column):
            continue
        x, width = _LEFT + room * (number + _GAP / 2), room * (1 - _GAP)
        pairs = zip(series, column, strict=True)
        words = ", ".join(f"{one.name} {written(value)}" for one, value in pairs if value)
        bars.append(Bar(f"{label}: {words}", x, width, _pieces(column, x, width, scale)))
        rows.append((label, column))
    every = math.ceil(len(starts) / _LABELS)
    return Chart(
        name=name,
        title=title,
        series=tuple(series),
        bars=tuple(bars),
        lines=tuple(
            Mark(HEIGHT - _BOTTOM - step * line * scale, written(step * line))
            for line in range(lines + 1)
        ),
        times=tuple(
            Mark(_LEFT + room * (number + 0.5), _short_label(starts[number], whole_days=whole_days))
            for number in range(every // 2, len(starts), every)
        ),
        rows=tuple(rows),
        written=written,
    )


def _pieces(column: Sequence[float], x: float, width: float, scale: float) -> tuple[Piece, ...]:
    pieces, below = [], 0.0
    for number, value in enumerate(column, start=1):
        if value:
            below += value
            y = HEIGHT - _BOTTOM - below * scale
            pieces.append(Piece(number, round(x, 2), round(y, 2), width, value * scale))
    return tuple(pieces)


def _step(most: float) -> float:
    """Return a round number of which a few reach `most`."""
    if most <= 0:
        return 1.0
    rough = most / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * _ALMOST)


def _label(start: datetime, *, whole_days: bool) -> str:
    return f"{start:%Y-%m-%d}" if whole_days else f"{start:%Y-%m-%d %H:%M}"


def _short_label(start: datetime, *, whole_days: bool) -> str:
    return f"{start:%m-%d}" if whole_days else f"{start:%m-%d %H:%M}"
