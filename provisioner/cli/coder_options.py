"""The options that say which deployment a command is about, and the client that asks it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.coder_api.client import CoderClient
    from provisioner.coder_steps.watch import Watch
    from provisioner.redact import Secret

__all__ = ["connect", "deployment_options", "named_values", "new_watch", "organization_option"]

_OPTIONS = (
    click.option(
        "--url",
        metavar="URL",
        help="Coder deployment.  [default: $CODER_URL, or that of the `coder` CLI]",
    ),
    click.option(
        "--ca-file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Trust these certificates (PEM) too.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1, max=600),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help="How long one answer of the deployment may take.",
    ),
)
organization_option = click.option(
    "--org",
    "organization",
    default="default",
    show_default=True,
    metavar="NAME",
    help="Organization of the template.",
)


def deployment_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `url`, `ca_file` and `timeout`, for `connect`."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


def connect(
    url: str | None,
    ca_file: Path | None,
    timeout: float,
    *,
    secrets: tuple[Secret, ...] = (),
    pause: Callable[[float], None] | None = None,
) -> CoderClient:
    """Return the client for the deployment; asks for a token where there is none but a terminal.

    Raises `InputError` where deployment or token are not known.
    """
    import dataclasses
    import time

    from provisioner.coder_api.client import CoderClient
    from provisioner.coder_api.login import TOKEN_VARIABLE, find_login
    from provisioner.redact import Secret

    login = find_login(url, os.environ)
    if not login.token:
        if not sys.stdin.isatty():
            raise InputError(
                f"no session token for {login.url}: set {TOKEN_VARIABLE}, or run "
                f"`coder login {login.url}`"
            )
        prompt = f"Session token, from {login.url}/cli-auth"
        given = click.prompt(prompt, hide_input=True, err=True).strip()
        login = dataclasses.replace(login, token=Secret(given), token_from="the prompt")  # noqa: S106
    return CoderClient(
        login,
        seconds=timeout,
        certificates=ca_file,
        secrets=secrets,
        pause=pause or time.sleep,
    )


def new_watch(secrets: Iterable[Secret], *, verbose: bool) -> Watch:
    """Return one that says on standard error what goes on; `verbose` shows debug lines too."""
    from provisioner.coder_steps.interrupts import Interrupts
    from provisioner.coder_steps.watch import Watch
    from provisioner.redact import hidden
    from provisioner.report.display import one_line

    hide = tuple(secrets)
    stage = ""

    def say(text: str) -> None:
        click.echo(one_line(hidden(text, hide)), err=True)

    def log(line: Any) -> None:  # noqa: ANN401 - a line of a log, imported when one is there
        nonlocal stage
        if line.stage and line.stage != stage:
            stage = line.stage
            say(f"== {stage}")
        if line.output.strip() and (verbose or line.log_level not in {"trace", "debug"}):
            say(f"   {line.output.rstrip()}")

    return Watch(say, log, Interrupts(say))


def named_values(given: Iterable[str], option: str) -> dict[str, str]:
    """Return what options such as `--parameter NAME=VALUE` say; raises a usage error."""
    found = dict[str, str]()
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.UsageError(f'"{text}" is not NAME=VALUE, which {option} needs')
        if name in found:
            raise click.UsageError(f'{option} gives "{name}" twice')
        found[name] = value
    return found
