"""The functions that Terraform has, and how many arguments they take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from provisioner.knowledge.data import toml_data

__all__ = ["Arity", "terraform_functions"]


@dataclass(frozen=True, slots=True)
class Arity:
    """The fewest and the most arguments of a function; no `most` means any number."""

    fewest: int
    most: int | None


@cache
def terraform_functions() -> dict[str, Arity]:
    """Return every function by its name, without a namespace."""
    table = toml_data("terraform_functions.toml")["arguments"]
    return {name: Arity(least, None if most < 0 else most) for name, (least, most) in table.items()}
