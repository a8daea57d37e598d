"""Attributes, indices, splats and rounds of a `for` on known values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provisioner.syntax.hcl_model import Expression, GetAttr, Index, Postfix, Splat
from provisioner.validate.known import UNKNOWN, Failed, KnownSet, Unknown, to_number, to_text

__all__ = ["accessed", "iterated"]


def accessed(
    value: object, ways: Sequence[Postfix], evaluate: Callable[[Expression], object]
) -> object:
    """Follow `ways` from a value; raises `Failed` where Terraform refuses."""
    for place, way in enumerate(ways):
        if isinstance(value, Unknown):
            if value.kind and not isinstance(way, Splat):
                raise Failed
            return UNKNOWN
        match way:
            case GetAttr(name=name):
                value = _attribute(value, name)
            case Index(key=key):
                value = _element(value, evaluate(key))
            case Splat(is_full=is_full):
                rest = ways[place + 1 :]
                inner = len(rest) if is_full else _attributes_ahead(rest)
                items = [accessed(item, rest[:inner], evaluate) for item in _items(value)]
                return accessed(items, rest[inner:], evaluate)
    return value


def _attributes_ahead(ways: Sequence[Postfix]) -> int:
    for count, way in enumerate(ways):
        if not isinstance(way, GetAttr) and not (isinstance(way, Index) and way.is_legacy):
            return count
    return len(ways)


def _items(value: object) -> Sequence[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _attribute(value: object, name: str) -> object:
    if isinstance(value, dict) and name in value:
        return value[name]
    raise Failed


def _element(value: object, key: object) -> object:
    if isinstance(key, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return _attribute(value, str(to_text(key)) if key is not None else "")
    if not isinstance(value, list) or isinstance(value, KnownSet) or key is None:
        raise Failed
    index = to_number(key)
    if isinstance(index, Unknown):
        return UNKNOWN
    if isinstance(index, int) and 0 <= index < len(value):
        return value[index]
    raise Failed


def iterated(value: object) -> list[tuple[object, object]] | None:
    """Return the keys and values of the rounds of a `for`, None when they are not known.

    Raises `Failed` for what has no members.
    """
    match value:
        case Unknown(kind=""):
            return None
        case dict():
            return sorted(value.items())
        case KnownSet():
            return [(item, item) for item in value]
        case list():
            return list(enumerate(value))
    raise Failed
