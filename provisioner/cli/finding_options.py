"""The options of every command that reports findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["FORMATS", "finding_options"]

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")

_OPTIONS = (
    click.option(
        "--format",
        "format_name",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to write the findings.",
    ),
    click.option(
        "--output-file",
        "-o",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the findings there, and only their number here.",
    ),
    click.option(
        "--select",
        multiple=True,
        metavar="RULE",
        help="Run only these rules: code, prefix or name.",
    ),
    click.option("--ignore", multiple=True, metavar="RULE", help="Leave these rules out."),
    click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "note"]),
        help="The least severity that makes the exit code 1.  [default: warning]",
    ),
)


def finding_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `format_name`, `output_file`, `select`, `ignore` and `fail_on`."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function
