"""Terraform's operators on known values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction

from provisioner.validate.known import (
    UNKNOWN,
    Failed,
    KnownSet,
    Unknown,
    has_unknown,
    kind,
    number,
    to_bool,
    to_number,
    unified,
)

__all__ = ["binary", "chosen", "equal", "paired", "unary"]

_COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_COLLECTIONS = frozenset({"list", "map", "set"})
_PRIMITIVES = frozenset({"bool", "number", "string"})


def unary(sign: str, operand: object) -> object:
    """Return `!x` or `-x`; raises `Failed` where Terraform refuses."""
    value = to_bool(operand) if sign == "!" else to_number(operand)
    if value is None:
        raise Failed
    if isinstance(value, Unknown):
        return UNKNOWN
    if sign == "!":
        return not value
    # Terraform writes -0 as such.
    return -value if isinstance(value, int | float) and value else UNKNOWN


def binary(sign: str, left: object, right: object) -> object:
    """Return `left sign right`; raises `Failed` where Terraform refuses."""
    if sign in {"==", "!="}:
        same = equal(left, right)
        return same if isinstance(same, Unknown) else same == (sign == "==")
    if sign in {"&&", "||"}:
        return _logical(sign, to_bool(left), to_bool(right))
    first, second = to_number(left), to_number(right)
    if first is None or second is None:
        raise Failed
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return UNKNOWN
    if sign in _COMPARISONS:
        return _COMPARISONS[sign](_decimal(first), _decimal(second))
    return _arithmetic(sign, first, second)


def _logical(sign: str, left: object, right: object) -> object:
    decisive = sign == "||"
    if left is None or right is None:
        raise Failed
    if decisive in (left, right):
        return decisive
    return UNKNOWN if isinstance(left, Unknown) or isinstance(right, Unknown) else not decisive


def equal(left: object, right: object) -> bool | Unknown:
    """Say whether Terraform calls two values equal."""
    kinds = {side.kind if isinstance(side, Unknown) else kind(side) for side in (left, right)}
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return False if kinds <= _PRIMITIVES and len(kinds) > 1 else UNKNOWN
    if left is None or right is None:
        return left is right
    if kinds <= _PRIMITIVES:
        return len(kinds) == 1 and left == right
    # A tuple never equals a list, and nothing here knows which of the two a value is.
    return False if kinds & _PRIMITIVES else UNKNOWN


def _decimal(value: float) -> Fraction:
    return Fraction(repr(value))


def _arithmetic(sign: str, left: float, right: float) -> object:
    first, second = Fraction(left), Fraction(right)
    if first != _decimal(left) or second != _decimal(right):
        return UNKNOWN  # No binary fraction, such as 0.1.
    if sign == "/" and not second:
        return UNKNOWN  # Infinity, or an error.
    if sign == "%" and (first < 0 or second <= 0):
        return UNKNOWN
    calculate = _CALCULATIONS.get(sign)
    return number(calculate(first, second)) if calculate else UNKNOWN


def chosen(value: object, other: object) -> object:
    """Return the selected branch of a conditional, converted to the type both share.

    Raises `Failed` where there is none.
    """
    if value is None or isinstance(value, Unknown):
        return value
    if other is None or _shape(value) == _shape(other) is not None:
        return value
    if isinstance(value, str) and not isinstance(other, list | dict):
        return value
    kinds = {kind(value), kind(other)}
    if kinds <= _PRIMITIVES:
        both = unified([value, other])
        if both is None:
            raise Failed
        return both[0]
    if kinds & _PRIMITIVES and kinds & _COLLECTIONS:
        raise Failed  # A single value beside a collection.
    if kinds in ({"list"}, {"set"}, {"map"}):
        return value if _alike(_members(value) + _members(other)) else UNKNOWN
    return UNKNOWN


def _members(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _alike(members: list[object]) -> bool:
    kinds = {kind(member) for member in members} - {"null"}
    return len(kinds) <= 1 and kinds <= _PRIMITIVES


def _shape(value: object) -> object:
    """Return what tells two types apart, None for a type that is not known."""
    if value is None or has_unknown(value):
        return None
    if isinstance(value, dict):
        shapes = {key: _shape(item) for key, item in value.items()}
        return None if None in shapes.values() else ("map", *sorted(shapes.items()))
    if isinstance(value, KnownSet):
        return None
    if isinstance(value, list):
        items = tuple(_shape(item) for item in value)
        return None if None in items else ("list", *items)
    return kind(value)


def paired(keys: list[str], values: list[object], *, groups: bool) -> dict[str, object]:
    """Return the object of a `for`; raises `Failed` for a key twice, unless it groups."""
    if not groups:
        found = dict(zip(keys, values, strict=True))
        if len(found) < len(keys):
            raise Failed
        return found
    members: dict[str, list[object]] = {}
    for key, value in zip(keys, values, strict=True):
        members.setdefault(key, []).append(value)
    return dict(members)
