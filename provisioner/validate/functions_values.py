"""Terraform's functions on numbers, conversions between types, and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from fractions import Fraction

from provisioner.validate.function import Functions, NotKnown
from provisioner.validate.known import (
    Failed,
    KnownSet,
    number,
    parsed_number,
    to_bool,
    to_number,
    to_text,
    unified,
)
from provisioner.validate.type_constraint import known_set

__all__ = ["VALUE_FUNCTIONS", "encoded"]

VALUE_FUNCTIONS = Functions()
_declare = VALUE_FUNCTIONS.declare

# Go escapes these for the sake of HTML.
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
_ESCAPED |= {"\u2028": "\\u2028", "\u2029": "\\u2029"}
_JSON_ESCAPES = str.maketrans(_ESCAPED)


@_declare("tostring", "known")
def _tostring(value: object) -> object:
    return to_text(value)


@_declare("tonumber", "known")
def _tonumber(value: object) -> object:
    return to_number(value)


@_declare("tobool", "known")
def _tobool(value: object) -> object:
    return to_bool(value)


@_declare("tolist", "known")
def _tolist(value: object) -> object:
    return _alike(_members(value))


@_declare("toset", "known")
def _toset(value: object) -> object:
    return known_set(_alike(_members(value)))


def _members(value: object) -> list[object]:
    if isinstance(value, str | int | float | dict):
        raise Failed
    if not isinstance(value, list):
        raise NotKnown
    return value


@_declare("tomap", "map")
def _tomap(value: dict[str, object]) -> object:
    return dict(zip(value, _alike(list(value.values())), strict=True))


def _alike(members: Sequence[object]) -> list[object]:
    found = unified(list(members))
    if found is None:
        raise NotKnown
    return found


@_declare("sensitive", "any")
def _sensitive(value: object) -> object:
    return value


@_declare("nonsensitive", "any")
def _nonsensitive(value: object) -> object:
    return value


@_declare("max", "number", "number*")
def _max(*values: float) -> float:
    return max(values)


@_declare("min", "number", "number*")
def _min(*values: float) -> float:
    return min(values)


@_declare("abs", "number")
def _abs(value: float) -> float:
    return abs(value)


@_declare("ceil", "number")
def _ceil(value: float) -> int:
    return math.ceil(Fraction(repr(value)))


@_declare("floor", "number")
def _floor(value: float) -> int:
    return math.floor(Fraction(repr(value)))


@_declare("signum", "whole")
def _signum(value: int) -> int:
    return (value > 0) - (value < 0)


@_declare("sum", "list")
def _sum(values: Sequence[object]) -> object:
    if not values:
        raise Failed
    for value in values:
        to_number(value)
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) != len(values):
        raise NotKnown
    return number(sum(numbers))


@_declare("jsonencode", "known")
def _jsonencode(value: object) -> str:
    return encoded(value)


def encoded(value: object) -> str:
    """Return a known value as JSON, as Terraform writes it."""
    if isinstance(value, dict):
        pairs = (f"{_quoted(key)}:{encoded(item)}" for key, item in sorted(value.items()))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encoded, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    shown = "null" if value is None else to_text(value)
    if not isinstance(shown, str):
        raise NotKnown
    return shown


def _quoted(value: str) -> str:
    if any(character < " " and character not in "\n\r\t" for character in value):
        raise NotKnown  # Go's own escapes changed between its releases.
    return json.dumps(value, ensure_ascii=False).translate(_JSON_ESCAPES)


@_declare("jsondecode", "text")
def _jsondecode(value: str) -> object:
    try:
        return json.loads(
            value,
            parse_float=_known_number,
            parse_int=_known_number,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        raise Failed from error
    except (ValueError, RecursionError) as error:
        raise NotKnown from error


def _known_number(source: str) -> object:
    found = parsed_number(source)
    if not isinstance(found, int | float):
        raise NotKnown
    return found


def _refuse(constant: str) -> object:
    raise NotKnown(constant)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotKnown
    return found


@_declare("one", "list")
def _one(values: list[object]) -> object:
    if len(values) > 1:
        raise Failed
    if isinstance(values, KnownSet) and not values:
        raise NotKnown
    return values[0] if values else None
