"""The text of a scalar → a number, a switch or a duration, as Go's libraries read them."""

from __future__ import annotations

import math
import re

from provisioner.knowledge.auto_ai_router import ENVIRONMENT

__all__ = ["parsed_ban", "parsed_duration", "parsed_integer", "parsed_switch", "variable_in"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_SWITCHES = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_DURATION = re.compile(rf"[+-]?(?:{_PART.pattern})+\Z")
_ZERO = re.compile(r"[+-]?0\Z")


def parsed_integer(text: str) -> int | None:
    """Return the whole number that is written in `text`, None for anything else."""
    return int(text) if _INTEGER.match(text) else None


def parsed_switch(text: str) -> bool | None:
    """Return what a switch says, None for what is none; `yes` and `on` are none."""
    return _SWITCHES.get(text)


def parsed_duration(text: str) -> float | None:
    """Return the seconds of a duration such as `1h30m`, None for what is none.

    A number without a unit is none, but 0.
    """
    if _ZERO.match(text):
        return 0.0
    if not _DURATION.match(text):
        return None
    seconds = math.fsum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return -seconds if text.startswith("-") else seconds


def parsed_ban(text: str) -> float | None:
    """Return for how many seconds a ban holds, infinity for `permanent` and for 0."""
    seconds = math.inf if text == "permanent" else parsed_duration(text)
    return math.inf if seconds == 0 else seconds


def variable_in(text: str) -> str | None:
    """Return the environment variable that `text` stands for, None where it is the value."""
    return text.removeprefix(ENVIRONMENT) if text.startswith(ENVIRONMENT) else None
