"""Terraform's functions on known values: the way from a name and arguments to a result."""

from __future__ import annotations

from provisioner.validate.function import Function, NotKnown
from provisioner.validate.functions_collections import COLLECTION_FUNCTIONS
from provisioner.validate.functions_text import TEXT_FUNCTIONS
from provisioner.validate.functions_values import VALUE_FUNCTIONS
from provisioner.validate.known import UNKNOWN

__all__ = ["call"]

_FUNCTIONS: dict[str, Function] = {
    **COLLECTION_FUNCTIONS.by_name,
    **TEXT_FUNCTIONS.by_name,
    **VALUE_FUNCTIONS.by_name,
}


def call(name: str, arguments: list[object]) -> object:
    """Return the result of a function, `UNKNOWN` for one that is not known here.

    Raises `Failed` where Terraform surely refuses.
    """
    function = _FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        return UNKNOWN
    try:
        return function.result(arguments)
    except NotKnown:
        return UNKNOWN
