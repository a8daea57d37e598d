"""`provisioner launch`: run Codex with a prepared home and exactly the right environment."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.codex_note import note_unmeasured
from provisioner.cli.launch_target import (
    codex_for,
    own_home,
    plan_for,
    private_home,
    spec_with,
    target_options,
)

if TYPE_CHECKING:
    from provisioner.launch.prepare import Launch
    from provisioner.plan.model import EnvVar

__all__ = ["command"]

_AFTER_DASHES = "provisioner.launch.codex_arguments"


class _PassThrough(click.Command):
    """Keeps what follows `--` for Codex, so that none of it can be taken for SPEC."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        place = args.index("--") if "--" in args else len(args)
        ctx.meta[_AFTER_DASHES] = tuple(args[place + 1 :])
        return super().parse_args(ctx, args[:place])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- CODEX ARGUMENTS]"]


@click.command("launch", cls=_PassThrough)
@target_options
@click.option(
    "--home",
    type=click.Choice(["private", "own"]),
    default="private",
    show_default=True,
    help="`private`: a home of this spec's own, which keeps its login and history. "
    "`own`: your Codex home; nothing in it is written, the settings are passed as `-c`.",
)
@click.option("--profile", metavar="NAME", default="", help="Profile to run with, as `-p NAME`.")
@click.option(
    "--print",
    "only_print",
    is_flag=True,
    help="Show the environment and the command, secrets as hints, and change nothing.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    spec: Path | None,
    *,
    codex: str | None,
    codex_path: Path | None,
    home: str,
    profile: str,
    only_print: bool,
    **options: str | None,
) -> None:
    """Run Codex as SPEC says: its config, its credentials, and nothing that gets in their way.

    What follows `--` goes to Codex. The config is the one for the version of the Codex that is
    found. Codex takes the place of this process, so its signals, terminal and exit code are its
    own. Variables such as OPENAI_API_KEY in the ChatGPT flow, which would change what is sent, are
    left out; a missing credential is an error before Codex starts (exit code 2).

    \b
    Examples:
      provisioner launch
      provisioner launch examples/chatgpt.toml --gateway-url https://coder.example.com \\
        -- login --device-auth
      provisioner launch --flow byok --gateway-url https://coder.example.com -- exec "Fix the test."
    """
    from provisioner.launch.prepare import launch_command
    from provisioner.launch.replace_process import replace_process
    from provisioner.render.codex_setup import codex_setup
    from provisioner.spec.for_codex import for_codex

    wanted = spec_with(spec, options)
    found = codex_for(wanted, codex, codex_path)
    plan = plan_for(for_codex(wanted, found.version), found)
    setup = codex_setup(plan)
    given = {**options, "codex": codex, "codex_path": str(codex_path) if codex_path else None}
    launch = launch_command(
        setup,
        found,
        private_home(spec, plan, given) if home == "private" else own_home(spec, given),
        ctx.meta[_AFTER_DASHES],
        profile=profile,
        caller=os.environ,
        write=not only_print,
    )
    note_unmeasured(found.version)
    if wanted.target.codex not in (None, str(found.version)):
        click.echo(
            f"note: the spec is for Codex {wanted.target.codex}; "
            f"its config is made for {found.version}, which is {found.origin}",
            err=True,
        )
    if launch.environment.left_out:
        names = ", ".join(launch.environment.left_out)
        click.echo(f"note: left out, as it would change the flow: {names}", err=True)
    if only_print:
        click.echo(_shown(launch, setup.environment))
        return
    replace_process(launch.command, launch.environment.variables)


def _shown(launch: Launch, needed: tuple[EnvVar, ...]) -> str:
    """Write what would be run as a shell would, each secret as its hint."""
    from provisioner.launch.plain_text import plain_text
    from provisioner.redact import Secret

    variables = launch.environment.variables
    secrets = {v.name: Secret(variables[v.name]) for v in needed if v.name in variables}
    lines = [f"unset {name}" for name in launch.environment.left_out]
    if "CODEX_HOME" in variables:
        lines.append(f"CODEX_HOME={shlex.quote(variables['CODEX_HOME'])}")
    lines += [
        f"{v.name}={secrets[v.name].hint}" if v.name in secrets else f"# {v.name} is not set"
        for v in needed
    ]
    lines.append(plain_text(shlex.join(launch.command), secrets.values()))
    return "\n".join(lines)
