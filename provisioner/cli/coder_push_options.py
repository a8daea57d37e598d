"""The options that only `provisioner coder push` has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from provisioner.finding import Severity

__all__ = ["push_options"]

_FILE = click.Path(path_type=Path)

_OPTIONS = (
    click.option(
        "--template",
        metavar="NAME",
        help="Name of the template.  [default: that of the folder, or of the spec]",
    ),
    click.option(
        "--version-name", metavar="NAME", help="Name of a new version.  [default: chosen]"
    ),
    click.option(
        "-m",
        "--message",
        default="Pushed with provisioner",
        show_default=True,
        help="What the version is about.",
    ),
    click.option(
        "--variable",
        "--var",
        "variable",
        multiple=True,
        metavar="NAME[=VALUE]",
        help="Value of a variable of the template; without one, that of $TF_VAR_NAME.",
    ),
    click.option(
        "--variables-file",
        type=_FILE,
        metavar="FILE",
        help="Values of variables, as .tfvars or JSON.",
    ),
    click.option(
        "--provisioner-tag",
        multiple=True,
        metavar="NAME=VALUE",
        help="Let Coder provisioners with this tag make the version.",
    ),
    click.option("--display-name", help="Name that people see.  [default: that of README.md]"),
    click.option("--description", help="What the template is.  [default: that of README.md]"),
    click.option(
        "--icon", metavar="URL", help="Icon, such as /icon/docker.svg.  [default: README.md's]"
    ),
    click.option(
        "--activate/--no-activate", default=True, help="Make the version the one that is used."
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing."),
    click.option("--validate/--no-validate", default=True, help="Push only what is clean."),
    click.option(
        "--fail-on",
        type=click.Choice([severity.value for severity in Severity]),
        default="error",
        show_default=True,
        callback=lambda _ctx, _option, value: Severity(value),
        help="The least severity of a finding that stops the push.",
    ),
    click.option(
        "--render-to", type=_FILE, metavar="DIR", help="Keep what a spec is rendered into."
    ),
    click.option(
        "--outputs",
        type=_FILE,
        metavar="FILE",
        help="Append lines NAME=VALUE for later steps of a CI job.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Show debug lines of Coder's log too."),
)


def push_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add them."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function
