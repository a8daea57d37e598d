"""A Terraform file → plain values, as HashiCorp's parser reads it: a second reader."""

from __future__ import annotations

from typing import Any

__all__ = ["hcl_values"]


def hcl_values(text: str) -> dict[str, Any]:
    """Return the blocks by type and labels, and their arguments.

    Strings are decoded; of an expression, also inside a string, there is its source. Raises
    `ValueError` for text that is no HCL.
    """
    import pygohcl  # noqa: PLC0415 - costs start-up time

    try:
        found: dict[str, Any] = pygohcl.loads(text)
    except pygohcl.HCLParseError as error:
        raise ValueError(str(error)) from error
    return found
