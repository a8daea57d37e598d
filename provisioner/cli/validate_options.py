"""The options that only `provisioner validate` has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["validate_options"]

_FILE = click.Path(path_type=Path)

_OPTIONS = (
    click.option(
        "--codex-version",
        metavar="VERSION",
        help="Codex that reads the configs, unless a template says which it installs."
        "  [default: the newest known]",
    ),
    click.option(
        "--config",
        "config_file",
        type=_FILE,
        metavar="FILE",
        help="Take the settings from this file.  [default: the nearest provisioner.toml or"
        " pyproject.toml that has some]",
    ),
    click.option("--no-config", is_flag=True, help="Take no settings from any file."),
    click.option(
        "--baseline", type=_FILE, metavar="FILE", help="Leave out the findings that it accepts."
    ),
    click.option(
        "--write-baseline", is_flag=True, help="Accept what is found: write it to the baseline."
    ),
    click.option("--fix", is_flag=True, help="Make the fixes that change nothing else."),
    click.option("--unsafe", is_flag=True, help="With --fix or --diff: make the others too."),
    click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing."),
    click.option(
        "--terraform",
        is_flag=True,
        help="Ask your own terraform, or tofu, too: `terraform validate` without a network.",
    ),
    click.option(
        "--terraform-program",
        metavar="PROGRAM",
        help="The one to ask.  [default: the first of terraform and tofu on PATH]",
    ),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Processes for many folders.  [default: one a core]",
    ),
    click.option(
        "--no-cache", is_flag=True, help="Judge what has not changed since the last run too."
    ),
)


def validate_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add them; all but `config_file` have the names of the options."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function
