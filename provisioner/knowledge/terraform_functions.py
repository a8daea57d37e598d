"""The functions that Terraform has, and which arguments they take."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from provisioner.knowledge.data import toml_data

__all__ = ["Arity", "parameter_types", "returned_kinds", "terraform_functions"]


class Arity(Struct, frozen=True):
    """The fewest and the most arguments of a function; no `most` means any number."""

    fewest: int
    most: int | None


@cache
def terraform_functions() -> dict[str, Arity]:
    """Return every function by its name, without a namespace."""
    table = toml_data("terraform_functions.toml")["arguments"]
    return {name: Arity(least, None if most < 0 else most) for name, (least, most) in table.items()}


@cache
def returned_kinds() -> dict[str, str]:
    """Return "string", "number" or "bool" for each function that always returns such a value."""
    table = toml_data("terraform_functions.toml")["returns"]
    return {name: kind for kind, names in table.items() for name in names}


@cache
def parameter_types() -> dict[str, tuple[str, ...]]:
    """Return the types of the parameters, such as ("string", "list(string)*"), by function.

    One that takes null ends with `?`, and a last one that stands any number of times with `*`.
    """
    table = toml_data("terraform_functions.toml")["parameters"]
    return {name: tuple(types) for name, types in table.items()}
