"""What the types of a function's parameters refuse, whatever the function does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provisioner.knowledge.terraform_functions import parameter_types
from provisioner.validate.known import Failed, Unknown, to_bool, to_number, to_text

__all__ = ["check_arguments"]

_CONVERSIONS: dict[str, Callable[[object], object]] = {
    "bool": to_bool,
    "number": to_number,
    "string": to_text,
}
_SEQUENCES = ("list(", "set(")


def check_arguments(name: str, arguments: Sequence[object]) -> None:
    """Raise `Failed` where Terraform cannot convert an argument to the type of its parameter."""
    types = list(parameter_types().get(name, ()))
    if types and types[-1].endswith("*"):
        types += [types[-1]] * (len(arguments) - len(types))
    for argument, wanted in zip(arguments, types, strict=False):
        _check(argument, wanted.removesuffix("*"))


def _check(value: object, wanted: str) -> None:
    if value is None:
        if not wanted.endswith("?"):
            raise Failed
        return
    wanted = wanted.removesuffix("?")
    if isinstance(value, Unknown):
        if value.kind and wanted.endswith(")"):
            raise Failed
    elif wanted in _CONVERSIONS:
        _CONVERSIONS[wanted](value)
    elif wanted.startswith(_SEQUENCES):
        _check_members(value, wanted.partition("(")[2].removesuffix(")"))
    elif wanted.startswith("map(") and not isinstance(value, dict):
        raise Failed


def _check_members(value: object, wanted: str) -> None:
    if not isinstance(value, list):
        raise Failed
    for member in value:
        if member is not None:
            _check(member, wanted)
