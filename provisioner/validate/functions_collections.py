"""Terraform's functions on lists, sets and maps."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.validate.function import Functions, NotKnown
from provisioner.validate.known import Failed, KnownSet, Unknown, has_unknown, kind, unified

__all__ = ["COLLECTION_FUNCTIONS"]

COLLECTION_FUNCTIONS = Functions()
_declare = COLLECTION_FUNCTIONS.declare

_PRIMITIVES = frozenset({"bool", "number", "string"})
_MOST_NUMBERS = 1024


@_declare("length", "any")
def _length(value: object) -> int:
    if isinstance(value, str) and (not value.isascii() or "\r\n" in value):
        raise NotKnown  # Terraform counts what a reader sees as one character.
    if not isinstance(value, str | list | dict):
        raise Failed
    return len(value)


@_declare("concat", "sequence", "sequence*")
def _concat(*lists: Sequence[object]) -> list[object]:
    members = [item for items in lists for item in items]
    # Lists of different types become one of their shared type.
    if len({kind(item) for item in members}) > 1:
        raise NotKnown
    return members


@_declare("merge", "known*")
def _merge(*maps: object) -> dict[str, object]:
    found = dict[str, object]()
    if all(item is None for item in maps):
        raise NotKnown
    for item in maps:
        if item is None:
            continue
        if not isinstance(item, dict):
            raise Failed
        found |= item
    return found


@_declare("lookup", "map", "text", "known", optional=1)
def _lookup(items: dict[str, object], key: str, *default: object) -> object:
    if key in items and not default:
        return items[key]
    if not default:
        raise Failed
    both = [*items.values(), *default]
    # A map converts the default to the type of its members, an object does not.
    if has_unknown(both) or len({kind(item) for item in both}) > 1:
        raise NotKnown
    return items.get(key, *default)


@_declare("element", "sequence", "whole")
def _element(items: Sequence[object], index: int) -> object:
    if not items:
        raise Failed
    if index < 0:
        raise NotKnown
    return items[index % len(items)]


@_declare("index", "alike", "known")
def _index(items: Sequence[object], value: object) -> int:
    for place, item in enumerate(items):
        if _same(item, value):
            return place
    raise Failed


@_declare("contains", "alike", "known")
def _contains(items: Sequence[object], value: object) -> bool:
    return any([_same(item, value) for item in items])  # noqa: C419 - each one must be known


def _same(left: object, right: object) -> bool:
    if kind(left) != kind(right) or kind(left) not in _PRIMITIVES:
        raise NotKnown
    return left == right


@_declare("keys", "map")
def _keys(items: dict[str, object]) -> list[str]:
    return sorted(items)


@_declare("values", "map")
def _values(items: dict[str, object]) -> list[object]:
    return [items[key] for key in sorted(items)]


@_declare("zipmap", "texts", "sequence")
def _zipmap(names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    if len(names) != len(values):
        raise Failed
    if len(set(names)) != len(names):
        raise NotKnown
    return dict(zip(names, values, strict=True))


@_declare("coalesce", "unsure*")
def _coalesce(*values: object) -> object:
    if not values:
        raise NotKnown
    kinds = {kind(value) for value in values} - {"null"}
    if len(kinds - {"unknown"}) > 1 or kinds - {"unknown", "string", "number", "bool"}:
        raise NotKnown
    for value in values:
        if isinstance(value, Unknown) or (not isinstance(value, str) and "unknown" in kinds):
            raise NotKnown
        if value is not None and value != "":
            return value
    raise Failed


@_declare("coalescelist", "sequence*")
def _coalescelist(*lists: Sequence[object]) -> Sequence[object]:
    kinds = {kind(item) for items in lists for item in items}
    if len(kinds) > 1:
        raise NotKnown
    for items in lists:
        if items:
            return items
    raise Failed


@_declare("compact", "list")
def _compact(items: Sequence[object]) -> list[object]:
    found = unified(list(items))
    if found is None or any(kind(item) not in {"string", "null"} for item in found):
        raise NotKnown
    return [item for item in found if item]


@_declare("flatten", "list")
def _flatten(items: list[object]) -> list[object]:
    found = list[object]()
    waiting: list[object] = [items]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Unknown):
            raise NotKnown
        if isinstance(item, list):
            waiting += reversed(item)
        else:
            found.append(item)
    return found


@_declare("distinct", "alike")
def _distinct(items: Sequence[object]) -> list[object]:
    if any(kind(item) not in _PRIMITIVES for item in items):
        raise NotKnown
    return list(dict.fromkeys(items))


@_declare("sort", "texts")
def _sort(items: Sequence[str]) -> list[str]:
    return sorted(items)


@_declare("reverse", "sequence")
def _reverse(items: Sequence[object]) -> list[object]:
    return list(reversed(items))


@_declare("slice", "sequence", "whole", "whole")
def _slice(items: Sequence[object], start: int, end: int) -> Sequence[object]:
    if not 0 <= start <= end <= len(items):
        raise Failed
    return items[start:end]


@_declare("range", "whole", "whole*")
def _range(*bounds: int) -> list[int]:
    if len(bounds) > 3:
        raise NotKnown
    if len(bounds) == 3 and not bounds[2]:
        raise Failed
    numbers = range(*bounds)
    if len(bounds) == 2 and bounds[1] < bounds[0]:
        numbers = range(bounds[0], bounds[1], -1)
    if len(numbers) > _MOST_NUMBERS:
        raise Failed
    return list(numbers)


@_declare("chunklist", "list", "whole")
def _chunklist(_: Sequence[object], size: int) -> list[object]:
    if size < 0:
        raise Failed
    raise NotKnown


@_declare("matchkeys", "list", "list", "list")
def _matchkeys(values: Sequence[object], names: Sequence[object], _: object) -> list[object]:
    if len(values) != len(names):
        raise Failed
    raise NotKnown


@_declare("alltrue", "alike")
def _alltrue(items: Sequence[object]) -> bool:
    return all(_flags(items))


@_declare("anytrue", "alike")
def _anytrue(items: Sequence[object]) -> bool:
    return any(_flags(items))


def _flags(items: Sequence[object]) -> list[bool]:
    flags = [item for item in items if isinstance(item, bool)]
    if len(flags) != len(items):
        raise NotKnown
    return flags


@_declare("setunion", "alike", "alike*")
def _setunion(*sets: Sequence[object]) -> KnownSet:
    members = {item for items in sets for item in items if isinstance(item, str)}
    if sum(len(items) for items in sets) and not members:
        raise NotKnown
    if any(not isinstance(item, str) for items in sets for item in items):
        raise NotKnown
    return KnownSet(sorted(members))
