"""A duration on the command line, such as 90d, in; seconds out."""

from __future__ import annotations

import re

import click

__all__ = ["Duration"]

_UNITS = {"m": 60, "h": 3_600, "d": 86_400}


class Duration(click.ParamType[int]):
    """Minutes, hours or days."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return seconds."""
        found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", str(value))
        if found is None:
            self.fail(f'"{value}" is not a duration such as 30m, 12h or 90d', param, ctx)
        return int(found[1]) * _UNITS[found[2]]
