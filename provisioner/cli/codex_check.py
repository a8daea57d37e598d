"""`provisioner codex check`: what Codex will make of a home, before it starts."""

from __future__ import annotations

import os
from pathlib import Path

import click

from provisioner.cli.finding_options import finding_options

__all__ = ["check_command"]


@click.command("check")
@click.option(
    "--codex-home",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The home to check.  [default: $CODEX_HOME, else ~/.codex]",
)
@click.option(
    "--codex-version", metavar="VERSION", help="Codex that reads it.  [default: the newest known]"
)
@click.option("--profile", "-p", metavar="NAME", help="What `codex -p` would select.")
@finding_options
@click.pass_context
def check_command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    *,
    codex_home: Path | None,
    codex_version: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    format_name: str,
    output_file: Path | None,
) -> None:
    """Say what Codex will refuse or ignore in a home, and what it will send where.

    Reads config.toml, the profile files, auth.json and the environment; starts nothing and sends
    nothing. The last line says where requests will go and with which credential.

    \b
    Examples:
      provisioner codex check
      provisioner codex check --codex-version 0.134.0 --profile router
      provisioner codex check --codex-home /home/coder/.codex --format json

    Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 no verdict.
    """
    from provisioner.cli.write_report import write_report
    from provisioner.finding import Severity
    from provisioner.validate.check_home import check_codex_home

    result = check_codex_home(
        codex_home or _default_home(),
        codex_version=codex_version,
        profile=profile,
        environment=os.environ,
        select=select,
        ignore=ignore,
    )
    note = "" if codex_version else " (the newest version known; --codex-version names another)"
    write_report(
        result,
        format_name,
        output_file,
        after=f"{result.outcome.sentence}{note}",
        data={"sends": result.outcome.as_data()},
    )
    if result.fails(Severity(fail_on or "warning")):
        ctx.exit(1)


def _default_home() -> Path:
    return Path(os.environ.get("CODEX_HOME") or Path.home() / ".codex")
