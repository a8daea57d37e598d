"""The command line: its commands, each imported when it is used, and how a run ends."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
from typing import Any

import click

from provisioner import __version__
from provisioner.cli.lazy_group import LazyGroup
from provisioner.errors import FindingsError, ProvisionerError

__all__ = ["program"]

# Most objects of a short run live until its end: looking for garbage finds none.
gc.set_threshold(100_000, 50, 50)

_COMMANDS = {
    "access": "provisioner.cli.access",
    "catalog": "provisioner.cli.catalog",
    "coder": "provisioner.cli.coder",
    "codex": "provisioner.cli.codex",
    "doctor": "provisioner.cli.doctor",
    "gateway": "provisioner.cli.gateway",
    "init": "provisioner.cli.init",
    "launch": "provisioner.cli.launch",
    "plan": "provisioner.cli.plan",
    "profile": "provisioner.cli.profile",
    "prove": "provisioner.cli.prove",
    "render": "provisioner.cli.render",
    "rule": "provisioner.cli.rule",
    "schema": "provisioner.cli.schema",
    "validate": "provisioner.cli.validate",
}


_INTERRUPTED = 130  # What shells report for a program that Ctrl-C ended.


class _Program(LazyGroup):
    """Says how each run ends."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click knows what to do when the reader of a pipe has gone.
            name = f" {error.filename}" if error.filename else ""
            click.echo(f"error: input or output failed{name}: {error.strerror}", err=True)
            _forget_output()
            ctx.exit(ProvisionerError.exit_code)
        except FindingsError as error:
            from provisioner.report import report

            click.echo(report(error.result), err=True)
            ctx.exit(error.exit_code)
        except ProvisionerError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(error.exit_code)


def _forget_output() -> None:
    """Let Python not complain a second time, at its end, about output that cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=_Program, modules=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, "-V", "--version", prog_name="provisioner")
def program() -> None:
    """Coder workspace templates and Codex configuration that work behind an AI gateway.

    \b
    Start here:
      provisioner init
      provisioner render -o template
      provisioner validate template
      provisioner prove

    Exit codes: 0 done or clean, 1 findings or a failed check, 2 no verdict, 130 interrupted.
    """
