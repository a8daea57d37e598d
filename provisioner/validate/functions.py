"""Terraform's functions on known values: the way from a name and arguments to a result."""

from __future__ import annotations

from provisioner.knowledge.terraform_functions import returned_kinds
from provisioner.validate.function import Function, NotKnown
from provisioner.validate.function_arguments import check_arguments
from provisioner.validate.functions_collections import COLLECTION_FUNCTIONS
from provisioner.validate.functions_parsed import PARSED_FUNCTIONS
from provisioner.validate.functions_text import TEXT_FUNCTIONS
from provisioner.validate.functions_values import VALUE_FUNCTIONS
from provisioner.validate.known import UNKNOWN, Unknown

__all__ = ["call"]

_FUNCTIONS: dict[str, Function] = {
    **COLLECTION_FUNCTIONS.by_name,
    **PARSED_FUNCTIONS.by_name,
    **TEXT_FUNCTIONS.by_name,
    **VALUE_FUNCTIONS.by_name,
}


def call(name: str, arguments: list[object]) -> object:
    """Return the result of a function; of one that is not known here, at most its kind.

    Raises `Failed` where Terraform surely refuses.
    """
    name = name.removeprefix("core::")
    function = _FUNCTIONS.get(name)
    check_arguments(name, arguments)
    try:
        found = UNKNOWN if function is None else function.result(arguments)
    except NotKnown:
        found = UNKNOWN
    returned = returned_kinds().get(name) if found is UNKNOWN else None
    return Unknown(returned) if returned else found
