"""How a function of Terraform is declared, and what its parameters make of the arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct, field

from provisioner.validate.known import (
    Failed,
    KnownSet,
    Unknown,
    has_unknown,
    to_bool,
    to_number,
    to_text,
    unified,
)

__all__ = ["Function", "Functions", "NotKnown"]


class NotKnown(Exception):  # noqa: N818 - no error: the result is only not known
    """The result is left to Terraform."""


_Body = TypeVar("_Body", bound=Callable[..., object])


class Function(Struct, frozen=True):
    """One function; the last of `parameters` may end with `*`, which takes any number."""

    parameters: tuple[str, ...]
    optional: int
    body: Callable[..., object]

    def result(self, arguments: list[object]) -> object:
        """Call it; raises `NotKnown`, or `Failed` where Terraform refuses."""
        kinds = list(self.parameters)
        if kinds and kinds[-1].endswith("*"):
            last = kinds.pop().removesuffix("*")
            kinds += [last] * (len(arguments) - len(kinds))
        if not len(kinds) - self.optional <= len(arguments) <= len(kinds):
            raise NotKnown
        pairs = zip(kinds, arguments, strict=False)
        return self.body(*(_CONVERSIONS[kind](value) for kind, value in pairs))


class Functions(Struct, frozen=True):
    """Functions of one sort, by their names."""

    by_name: dict[str, Function] = field(default_factory=dict)

    def declare(self, name: str, *parameters: str, optional: int = 0) -> Callable[[_Body], _Body]:
        """Give the function below its name and the kinds of its parameters."""

        def keep(body: _Body) -> _Body:
            self.by_name[name] = Function(parameters, optional, body)
            return body

        return keep


def _lenient(value: object) -> object:
    if isinstance(value, Unknown):
        raise NotKnown
    return value


def _known(value: object) -> object:
    if has_unknown(value):
        raise NotKnown
    return value


def _given(value: object) -> object:
    if _known(value) is None:
        raise NotKnown
    return value


def _text(value: object) -> object:
    return _given(to_text(_given(value)))


def _ascii(value: object) -> object:
    found = _text(value)
    # Beyond ASCII, Go and Python differ in what a letter or a character is.
    if not isinstance(found, str) or not found.isascii():
        raise NotKnown
    return found


def _number(value: object) -> object:
    return _given(to_number(_given(value)))


def _whole(value: object) -> object:
    found = _number(value)
    if not isinstance(found, int):
        raise NotKnown
    return found


def _bool(value: object) -> object:
    return _given(to_bool(_given(value)))


def _list(value: object) -> object:
    if value is None or isinstance(value, Unknown):
        raise NotKnown
    if not isinstance(value, list):
        raise Failed
    return value


def _sequence(value: object) -> object:
    if isinstance(value, KnownSet):
        raise NotKnown
    return _list(value)


def _alike(value: object) -> object:
    found = unified(list[object](_known_list(value)))
    if found is None or None in found:
        raise NotKnown
    return found


def _texts(value: object) -> object:
    return [_text(item) for item in _known_list(value)]


def _known_list(value: object) -> list[Any]:
    if not isinstance(value, list) or has_unknown(value):
        raise NotKnown
    return value


def _map(value: object) -> object:
    if value is None or isinstance(value, Unknown):
        raise NotKnown
    if not isinstance(value, dict):
        raise Failed
    return value


_CONVERSIONS: dict[str, Callable[[object], object]] = {
    "alike": _alike,
    "any": _lenient,
    "ascii": _ascii,
    "bool": _bool,
    "known": _known,
    "list": _list,
    "map": _map,
    "number": _number,
    "sequence": _sequence,
    "text": _text,
    "texts": _texts,
    "unsure": lambda value: value,
    "whole": _whole,
}
