"""The options that say which deployment a command is about, and the client that asks it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.errors import InputError
from provisioner.redact import Secret, SecretMask

if TYPE_CHECKING:
    from provisioner.coder_api.client import CoderClient
    from provisioner.coder_api.login import Login
    from provisioner.coder_api.models import LogLine
    from provisioner.coder_steps.watch import Watch

__all__ = ["connect", "deployment_options", "named_values", "organization_option", "session"]

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
    """Add `url`, `ca_file` and `timeout`, for `connect` and `session`."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


@contextlib.contextmanager
def session(
    given: Mapping[str, Any], secrets: Iterable[Secret] = ()
) -> Iterator[tuple[CoderClient, Watch]]:
    """Give the client of the deployment that the options name, and who looks on.

    Inside, Ctrl-C waits for answers that must not be missed. What is said does not show `secrets`,
    nor the session token. Raises `InputError` where deployment or token are not known.
    """
    known = tuple(secrets)
    mask = SecretMask(known)
    watch = _new_watch(mask, verbose=given["verbose"])
    pause = watch.interrupts.pause
    with watch.interrupts, connect(given, known, pause, watch.say) as client:
        mask.add(client.login.token)
        yield client, watch


def connect(
    given: Mapping[str, Any],
    secrets: tuple[Secret, ...] = (),
    pause: Callable[[float], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> CoderClient:
    """Return the client of the deployment; asks for a token where there is none but a terminal.

    Raises `InputError` where deployment or token are not known.
    """
    import time

    from provisioner.coder_api.client import CoderClient
    from provisioner.coder_api.login import find_login

    login = find_login(given["url"], os.environ)
    if not login.is_private:
        click.echo(f"warning: the session token goes to {login.url} unencrypted", err=True)
    return CoderClient(
        login if login.token else _asked_for(login),
        seconds=given["timeout"],
        certificates=given["ca_file"],
        secrets=secrets,
        pause=pause or time.sleep,
        say=say or _say,
    )


def _say(text: str) -> None:
    from provisioner.report.display import one_line

    click.echo(one_line(text), err=True)


def _asked_for(login: Login) -> Login:
    import dataclasses

    from provisioner.coder_api.login import TOKEN_VARIABLE, checked_token

    if not sys.stdin.isatty():
        raise InputError(
            f"no session token for {login.url}: run `coder login {login.url}`; where the CLI keeps "
            f"it in a keyring (macOS, Windows), {TOKEN_VARIABLE}=$(coder login token) gives it"
        )
    try:
        text = click.prompt(f"Session token, from {login.url}/cli-auth", hide_input=True, err=True)
    except click.Abort:
        # Of the two that end a prompt, Ctrl-C and Ctrl-D, neither is a failure of this program.
        raise KeyboardInterrupt from None
    place = "the prompt"
    return dataclasses.replace(login, token=checked_token(text.strip(), place), token_from=place)


def _new_watch(mask: SecretMask, *, verbose: bool) -> Watch:
    """Return one that says on standard error what goes on; `verbose` shows debug lines too."""
    from provisioner.coder_steps.interrupts import Interrupts
    from provisioner.coder_steps.watch import Watch
    from provisioner.report.display import one_line

    stage = ""

    def say(text: str) -> None:
        click.echo(one_line(mask.hide(text)), err=True)

    def log(line: LogLine) -> None:
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
