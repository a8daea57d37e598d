"""The SPEC argument that most commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["DEFAULT_SPEC", "spec_argument"]

DEFAULT_SPEC = "provisioner.toml"


def spec_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add an argument `spec`: the path of a spec, `provisioner.toml` by default."""
    return click.argument(
        "spec", type=click.Path(path_type=Path), default=DEFAULT_SPEC, metavar="[SPEC]"
    )(function)
