"""Values that are known before Terraform runs, and how Terraform converts them.

Sources: Terraform's and go-cty's documentation of type conversion; compared with `terraform
console` 1.11.4 by a property test.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Final

__all__ = [
    "MAX_SIZE",
    "UNKNOWN",
    "UNKNOWN_TEXT",
    "Failed",
    "KnownSet",
    "Unknown",
    "bounded",
    "has_unknown",
    "kind",
    "number",
    "parsed_number",
    "text",
    "to_bool",
    "to_number",
    "to_text",
    "unified",
]

MAX_SIZE = 20_000
"""Members and kilobytes that a value may have; a larger one is `UNKNOWN`."""

_MOST_CHARACTERS = 1_000_000
_MOST_BITS = 256
_MOST_DIGITS = 15
_LONGEST = 400
"""Digits up to which Python itself turns text into a number."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?\Z", re.ASCII)


class Unknown:
    """The value of an expression that only Terraform can know; its `kind` may be known."""

    def __init__(self, kind: str = "") -> None:
        """Say what kind of value it is: "string", "number", "bool" or nothing."""
        self.kind = kind

    def __repr__(self) -> str:
        """Say it in a word."""
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
UNKNOWN_TEXT: Final = Unknown("string")


class Failed(Exception):  # noqa: N818 - it is Terraform that fails, not this program
    """Terraform ends with an error when it evaluates the expression."""


class KnownSet(list[object]):
    """The elements of a set, in Terraform's order."""


_KINDS: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("bool", bool),
    ("number", (int, float)),
    ("string", str),
    ("set", KnownSet),
    ("list", list),
    ("map", dict),
    ("null", type(None)),
)


def kind(value: object) -> str:
    """Name the type of a known value, as far as Python's types tell."""
    return next((name for name, types in _KINDS if isinstance(value, types)), "unknown")


def has_unknown(value: object) -> bool:
    """Say whether the value or a member of it, however deep, is not known."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Unknown):
            return True
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False


def bounded(value: object) -> object:
    """Return the value, `UNKNOWN` in place of one that grew too large."""
    size, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        size += 1
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, str):
            size += len(part) * MAX_SIZE // _MOST_CHARACTERS
        if size + len(waiting) > MAX_SIZE:
            return UNKNOWN
    return value


def text(value: str) -> str:
    """Return a string as Terraform keeps it."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def number(value: Fraction | float) -> object:
    """Return a number, `UNKNOWN` where Terraform's 512 bits and Python's 53 may differ."""
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else UNKNOWN
    exact = value if isinstance(value, Fraction) else Fraction(value)
    if exact.denominator == 1:
        return number(exact.numerator)
    near = float(exact)
    return near if Fraction(near) == exact and len(repr(near)) <= _MOST_DIGITS else UNKNOWN


def parsed_number(source: str) -> object:
    """Return the number that a literal or a string says; raises `Failed` for anything else."""
    if not _NUMBER.match(source):
        if source[:1] in "+ ." or not re.fullmatch(r"[0-9a-zA-Z+. _-]*", source):
            raise Failed
        return UNKNOWN if re.search(r"\d", source) else _refuse()
    if len(source) > _LONGEST:
        return UNKNOWN
    exact = Decimal(source)
    whole = int(exact)
    if exact == whole:
        return number(whole)
    return UNKNOWN if len(exact.as_tuple().digits) > _MOST_DIGITS else float(exact)


def _refuse() -> object:
    raise Failed


def to_number(value: object) -> object:
    """Convert to a number; raises `Failed` where Terraform refuses."""
    match value:
        case str():
            return parsed_number(value)
        case bool() | list() | dict():
            raise Failed
    return value


def to_bool(value: object) -> object:
    """Convert to a bool; raises `Failed` where Terraform refuses."""
    match value:
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case bool() | None | Unknown():
            return value
    raise Failed


def to_text(value: object) -> object:
    """Convert to a string; raises `Failed` where Terraform refuses."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case list() | dict():
            raise Failed
    return value


def unified(values: list[object]) -> list[object] | None:
    """Return the members as those of a list or map, which have one type; None when not known.

    Numbers and bools beside a string become strings.
    """
    kinds = {kind(value) for value in values} - {"null"}
    if len(kinds) <= 1 and not kinds & {"list", "map", "set"}:
        return values
    if kinds <= {"string", "number", "bool"} and "string" in kinds:
        return [to_text(value) for value in values]
    return None
