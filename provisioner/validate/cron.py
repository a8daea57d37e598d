"""Cron expressions as the Coder provider reads them, with the parser github.com/robfig/cron/v3."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provisioner.knowledge.coder_limits import timezones

__all__ = ["PREBUILD_FIELDS", "SCRIPT_FIELDS", "overlap", "prebuild_problem", "script_problem"]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
PREBUILD_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)
SCRIPT_FIELDS = (_Field("second", 0, 59), *PREBUILD_FIELDS)

_DESCRIPTORS = frozenset(
    {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
)
_EVERY = re.compile(r"@every [+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+\Z", re.ASCII)
_ZONE = re.compile(r"(?:CRON_)?TZ=(\S*)(?:\s+|\Z)")


def script_problem(text: str) -> str:
    """Say why a `coder_script` cannot have this schedule; empty for one that it can have."""
    zone = _ZONE.match(text)
    if zone:
        if zone[1] not in timezones() | {"", "Local"}:
            return f'there is no time zone "{zone[1]}"'
        text = text[zone.end() :]
    if text.startswith("@"):
        is_known = text in _DESCRIPTORS or _EVERY.match(text)
        return "" if is_known else f'"{text}" is no schedule; {", ".join(sorted(_DESCRIPTORS))} are'
    fields = text.split()
    if len(fields) == len(SCRIPT_FIELDS) - 1:
        fields.append("*")  # The day of the week may be left out, and not the second.
    return _problem(fields, SCRIPT_FIELDS)


def prebuild_problem(text: str) -> str:
    """Say why prebuilds cannot have this schedule; empty for one that they can have."""
    fields = text.split()
    if len(fields) == len(PREBUILD_FIELDS) and fields[0] != "*":
        return "the minute must be *, because prebuilds are scheduled by whole hours"
    return _problem(fields, PREBUILD_FIELDS)


def overlap(first: str, second: str) -> bool | None:
    """Say whether two schedules of prebuilds share an hour, None where the provider cannot tell.

    It compares the fields one by one and reads only numbers, lists and ranges:
    provider/helpers/schedule_validation.go.
    """
    one, two = first.split(), second.split()
    months = _shared(one[3], two[3], 12)
    if not months:
        return months
    days = _days_shared(one, two)
    return _shared(one[1], two[1], 23) if days else days


def _days_shared(one: list[str], two: list[str]) -> bool | None:
    if "*" in {one[2], two[2]}:
        return _shared(one[4], two[4], 6)
    if "*" in {one[4], two[4]}:
        return _shared(one[2], two[2], 31)
    by_date, by_weekday = _shared(one[2], two[2], 31), _shared(one[4], two[4], 6)
    return None if by_date is None or by_weekday is None else by_date or by_weekday


def _shared(one: str, two: str, most: int) -> bool | None:
    sets = [_numbers(text, most) for text in (one, two)]
    return None if None in sets else bool(set.intersection(*(item for item in sets if item)))


def _numbers(text: str, most: int) -> set[int] | None:
    if text == "*":
        return set(range(most + 1))
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part, re.ASCII)
        if match is None:
            return None
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found if max(found, default=most + 1) <= most else None


def _problem(fields: list[str], expected: tuple[_Field, ...]) -> str:
    if len(fields) != len(expected):
        names = ", ".join(field.name for field in expected)
        return f"it has {len(fields)} instead of {len(expected)} fields: {names}"
    for text, field in zip(fields, expected, strict=True):
        for part in text.split(","):
            problem = _part_problem(part, field) if part else ""
            if problem:
                return f"{field.name} {problem}"
    return ""


def _part_problem(part: str, field: _Field) -> str:
    span, *steps = part.split("/")
    if len(steps) > 1 or (steps and not steps[0].isdecimal()):
        return f'"{part}" has no step that can be read'
    if steps and int(steps[0]) == 0:
        return f'"{part}" has a step of 0'
    ends = span.split("-")
    if ends[0] in {"*", "?"}:
        return ""
    numbers = [_number(end, field) for end in ends]
    if len(numbers) > 2 or None in numbers:
        return f'"{part}" is no number or range'
    known = [number for number in numbers if number is not None]
    if min(known) < field.least or max(known) > field.most:
        return f'"{part}" is not within {field.least} to {field.most}'
    return f'"{part}" runs backwards' if known[0] > known[-1] else ""


def _number(text: str, field: _Field) -> int | None:
    if text.lower() in field.names:
        return field.names.index(text.lower()) + field.least
    return int(text) if text.isascii() and text.isdecimal() else None
